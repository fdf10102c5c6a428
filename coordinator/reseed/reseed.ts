/**
 * A host gets its data anew from the primary. Every step can be done again, so a run that was ended anywhere is finished by
 * the next one.
 *
 * Invariants: nothing of the host's is given up before it is saved and somebody has typed the pair's name; its former data
 * stay until the pair is in SYNC; while its data are replaced, its guard neither starts its server nor lets it take over.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { SeedAdoptFacts, SeedFacts } from '../../shared/model/action-facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { renderSeedOffer } from '../../shared/model/seed-offer.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { AgentLink } from '../agents/link.ts';
import { serviceOf } from '../choreography/facts.ts';
import { viewOf } from '../choreography/observe.ts';
import type { HostView } from '../choreography/step.ts';
import { replication } from '../choreography/steps/replication.ts';
import {
  askGuard,
  type GuardPair,
  type HostView as GuardView,
  lookAt,
  primaryOf,
} from '../cli/guard-commands.ts';
import type { ProgressTask } from '../cli/progress.ts';
import { factsOf as pairFacts, problemOf, readHeartbeats } from '../drill/hosts.ts';
import { loadSecrets } from '../secrets.ts';
import { factsOf, type SavedErrant, saveErrant } from './errant.ts';
import { furnish, performCalls, sameServer, startGuard } from './furnish.ts';
import type { ReseedPlan } from './words.ts';

const READ_MS = 30_000;
const STANDS_ASIDE_MS = 60_000;
const STOP_MS = 120_000;
const COPY_MS = 12 * 3_600_000;
const ADOPT_MS = 900_000;
const WHOLE_MS = 1_800_000;
const POLL_MS = 200;
/** Room on the primary for what mariadb-backup writes beside its stream. */
const PRIMARY_SPARE_BYTES = 100_000_000;

export interface ReseedOptions {
  readonly pair: GuardPair;
  readonly host: AgentLink;
  readonly other: AgentLink;
  /** Returns when a person wants it. */
  confirm(plan: ReseedPlan): Promise<void>;
  step<T>(id: string, title: string, work: (task: ProgressTask) => Promise<T>): Promise<T>;
}

export interface Reseeded {
  readonly position: string | null;
  readonly errant: SavedErrant | null;
  /** The former data were kept, because what only they have is not known for certain. */
  readonly kept: boolean;
}

export async function reseed(options: ReseedOptions): Promise<Reseeded> {
  const { host, step } = options;
  const before = await look(options);
  const view = await hostView(options);
  const errant = before.goesOn ? null : await prepare(options, before, view);
  const position = before.follows ? before.own.adopted : await replaceData(options, before, view);
  await step('whole', `${host.host.name} catches up, and the pair is in SYNC`, (task) =>
    untilWhole(options, task),
  );
  // What an earlier run has found out of them is not known any more.
  const kept = errant === null ? before.own.old !== null : errant.note !== null && before.own.dataBytes > 0;
  await step('tidied', `The former data ${kept ? 'are kept' : 'go'}`, () =>
    factsOf(host, 'seed-clean', { keep: kept }, { deadlineMs: ADOPT_MS, ...signalOf(options) }),
  );
  return { position, errant, kept };
}

interface Before {
  readonly own: SeedFacts;
  readonly source: SeedFacts;
  readonly guard: GuardView;
  /** The guard runs and has a part in the pair. */
  readonly votes: boolean;
  /** An earlier run has put the copy into place already. */
  readonly goesOn: boolean;
  /** And the host follows the primary with it. */
  readonly follows: boolean;
}

/** Throws REFUSED where the host is no standby of a primary that serves. */
async function look({ pair, host, other }: ReseedOptions): Promise<Before> {
  const views = await lookAt(pair);
  const primary = primaryOf(pair.pair, views);
  const { name } = host.host;
  if (primary === name)
    throw new AppError('REFUSED', `${name} is the primary of ${pair.pair.name}: switch over first.`);
  const phaseOf = (of: string): string | undefined => views.find((one) => one.name === of)?.voting?.phase;
  const phase = phaseOf(primary);
  if (phase !== 'PRIMARY_SYNC' && phase !== 'PRIMARY_SOLO')
    throw new AppError(
      'REFUSED',
      `${primary} is ${phase ?? 'without a guard that answers'}: a copy is taken only of a primary that serves.`,
    );
  const [own, source] = (await Promise.all(
    [host, other].map((link) => factsOf(link, 'seed-read', {}, { deadlineMs: READ_MS })),
  )) as [SeedFacts, SeedFacts];
  const guard = views.find((one) => one.name === name) ?? {
    name,
    heartbeat: null,
    guard: null,
    voting: null,
  };
  const votes = guard.voting !== null;
  const goesOn = own.adopted !== null && phaseOf(name) !== 'NEEDS_REPAIR' && !own.seedReady;
  const follows = goesOn && votes && phaseOf(name) !== 'MAINTENANCE';
  return { own, source, guard, votes, goesOn, follows };
}

async function hostView({ pair, host, other }: ReseedOptions): Promise<HostView> {
  const index = pair.pair.hosts[0].name === host.host.name ? 0 : 1;
  const ports = index === 0 ? ([host, other] as const) : ([other, host] as const);
  const secrets = await loadSecrets(pair.spec.coordinator.data, pair.pair);
  const facts = pairFacts(pair.pair, await readHeartbeats(ports));
  return viewOf({ flavor: MARIADB, secrets }, facts, index, 'apply');
}

/** Up to the word of a person nothing is changed but files of hotpair's own. */
async function prepare(options: ReseedOptions, before: Before, view: HostView): Promise<SavedErrant> {
  const { pair, host, other, step, confirm } = options;
  const { name } = host.host;
  const primary = other.host.name;
  const { own, source } = before;
  if (source.freeBytes < PRIMARY_SPARE_BYTES)
    throw new AppError('DISK_FULL', `${primary} has less than 100 MB free beside ${source.dataFolder}.`);
  const save = (title: string): Promise<SavedErrant> =>
    step('errant', title, (task) =>
      saveErrant(host, other, pair.spec.coordinator.data, {
        ...signalOf(options),
        onProgress: (message) => task.update(message),
      }),
    );
  const first = await save(`What only ${name} has`);
  await confirm({ host: name, primary, errant: first, own, source });
  await standAside(options, before, view);
  // Nobody writes there any more: now it is the whole of it.
  const last =
    own.dataBytes === 0 ? first : await save(`What only ${name} has, now that its server is stopped`);
  return last.count === first.count ? first : last;
}

async function standAside(options: ReseedOptions, before: Before, view: HostView): Promise<void> {
  const { pair, host, other, step } = options;
  const { name } = host.host;
  const guard = 'hotpair-guard.service';
  if (before.votes)
    await step('aside', `${name} stands aside, ${other.host.name} goes on alone`, async () => {
      const order = { kind: 'maintenance', reason: 'its data are replaced', forMs: null } as const;
      if (before.guard.voting?.order?.kind !== 'maintenance') await askGuard(host, order);
      await untilPhase(pair, name, 'MAINTENANCE');
    });
  else
    await step('furnished', `${name} gets what it needs beside its data`, async (task) => {
      const { heartbeat } = before.guard;
      if (heartbeat !== null && serviceOf(heartbeat, guard) === 'active')
        await factsOf(host, 'service-ensure', { unit: guard, running: false }, { deadlineMs: STOP_MS });
      await furnish(host, view, { signal: pair.cli.signal, onProgress: (message) => task.update(message) });
    });
  await step('packages', 'mariadb-backup on both hosts', async (task) => {
    const ways = { ...signalOf(options), onProgress: (message: string) => task.update(message) };
    const packages = ['mariadb-backup'];
    for (const link of [host, other])
      await factsOf(link, 'package-ensure', { packages }, { ...ways, deadlineMs: ADOPT_MS });
    await sameServer(host, other, MARIADB.serverPackage);
  });
  await step('stopped', `The server on ${name} stops`, () =>
    factsOf(host, 'service-ensure', { unit: MARIADB.unit, running: false }, { deadlineMs: STOP_MS }),
  );
}

/** Answers the position of the copy. */
async function replaceData(options: ReseedOptions, before: Before, view: HostView): Promise<string | null> {
  const { pair, host, other, step } = options;
  const { name } = host.host;
  const ways = (task: ProgressTask) => ({
    signal: pair.cli.signal,
    onProgress: (message: string) => task.update(message),
  });
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

async function untilPhase(pair: GuardPair, name: string, phase: string): Promise<void> {
  let seen = '';
  await waitFor(
    `${name} to be ${phase}`,
    async () => {
      pair.cli.signal.throwIfAborted();
      seen = (await lookAt(pair)).find((one) => one.name === name)?.voting?.phase ?? '';
      return seen === phase ? true : undefined;
    },
    { deadlineMs: STANDS_ASIDE_MS, intervalMs: POLL_MS },
  );
}

async function untilWhole({ pair, host, other }: ReseedOptions, task: ProgressTask): Promise<void> {
  const ports =
    pair.pair.hosts[0].name === host.host.name ? ([host, other] as const) : ([other, host] as const);
  let last = '';
  try {
    await waitFor(
      'the pair to be whole again',
      async () => {
        pair.cli.signal.throwIfAborted();
        const beats = await readHeartbeats(ports);
        const guard = beats.find((beat) => beat.host === host.host.name)?.guard;
        if (guard?.voting?.phase === 'NEEDS_REPAIR')
          throw new AppError('NOT_CONVERGED', `${host.host.name} needs repair again: ${guard.reason}`);
        last = problemOf(pair.pair, beats) ?? '';
        task.update(last);
        return last === '' ? true : undefined;
      },
      { deadlineMs: WHOLE_MS, intervalMs: POLL_MS },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw new AppError(
      'NOT_CONVERGED',
      `After ${WHOLE_MS / 60_000} minutes the pair is not in SYNC: ${last}. Run the command again to go on waiting; the former data are still there.`,
      { cause: error },
    );
  }
}

function signalOf({ pair }: ReseedOptions): { readonly signal: AbortSignal } {
  return { signal: pair.cli.signal };
}
