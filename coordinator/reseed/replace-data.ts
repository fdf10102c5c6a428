/** The copy: fetched from the primary, put into place, and the host joined to the pair with it. */

import type { SeedAdoptFacts } from '../../shared/model/action-facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { renderSeedOffer } from '../../shared/model/seed-offer.ts';
import type { HostView } from '../choreography/step.ts';
import { replication } from '../choreography/steps/replication.ts';
import { askGuard } from '../cli/guard-commands.ts';
import type { ProgressTask } from '../cli/progress.ts';
import { factsOf } from './errant.ts';
import { performCalls, startGuard } from './furnish.ts';
import { type Before, type ReseedOptions, waysOf } from './ground.ts';

const READ_MS = 30_000;
const COPY_MS = 12 * 3_600_000;
const ADOPT_MS = 900_000;

/** Answers the position of the copy. */
export async function replaceData(
  options: ReseedOptions,
  before: Before,
  view: HostView,
): Promise<string | null> {
  const { host, other, step } = options;
  const { name } = host.host;
  const ways = (task: ProgressTask) => waysOf(options, task);
  if (!before.goesOn)
    await step('copied', `A copy of ${other.host.name}`, (task) => copy(options, before, ways(task)));
  const position = await step('adopted', `${name} starts with the copy`, async (task) => {
    const facts = await factsOf(host, 'seed-adopt', {}, { ...ways(task), deadlineMs: ADOPT_MS });
    return (facts as SeedAdoptFacts).position;
  });
  await step('joined', `${name} joins the pair`, async (task) => {
    await performCalls(host, [replication(view, false, false)], ways(task));
    if (position !== null) await factsOf(other, 'seed-position', { position }, { deadlineMs: READ_MS });
    if (before.votes) await askGuard(host, { kind: 'reseeded' });
    else await startGuard(host, view, ways(task));
  });
  return position;
}

async function copy(
  { pair, host, other }: ReseedOptions,
  { source }: Before,
  ways: { readonly signal: AbortSignal; readonly onProgress: (message: string) => void },
): Promise<void> {
  const path = HOST_PATHS.seedOffer;
  const content = renderSeedOffer({ to: host.host.name, until: Date.now() + COPY_MS });
  await factsOf(other, 'file-ensure', { path, content, mode: 0o600 }, { deadlineMs: READ_MS });
  try {
    const { name, address } = other.host;
    const from = { name, address, port: pair.spec.coordinator.agentPort };
    const params = { from, bytes: source.dataBytes };
    await factsOf(host, 'seed-fetch', params, { ...ways, deadlineMs: COPY_MS });
  } finally {
    await other.action('file-absent', 'apply', { path }, { deadlineMs: READ_MS }).catch(() => undefined);
  }
}
