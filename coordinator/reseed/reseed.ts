/**
 * A host gets its data anew from the primary. Every step can be done again, so a run that was ended anywhere is finished by
 * the next one.
 *
 * Invariants: nothing of the host's is given up before it is saved and somebody has typed the pair's name; its former data
 * stay until the pair is in SYNC; while its data are replaced, its guard neither starts its server nor lets it take over.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { SeedFacts } from '../../shared/model/action-facts.ts';
import { viewOf } from '../choreography/observe.ts';
import type { HostView } from '../choreography/step.ts';
import { lookAt, primaryOf } from '../cli/guard-commands.ts';
import { factsOf as pairFacts, readHeartbeats } from '../drill/hosts.ts';
import { loadSecrets } from '../secrets.ts';
import { factsOf, type SavedErrant, saveErrant } from './errant.ts';
import { type Before, type ReseedOptions, signalOf } from './ground.ts';
import { replaceData } from './replace-data.ts';
import { standAside } from './stand-aside.ts';
import { untilWhole } from './waits.ts';

const READ_MS = 30_000;
const TIDY_MS = 900_000;
/** Room on the primary for what mariadb-backup writes beside its stream. */
const PRIMARY_SPARE_BYTES = 100_000_000;

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
    factsOf(host, 'seed-clean', { keep: kept }, { deadlineMs: TIDY_MS, ...signalOf(options) }),
  );
  return { position, errant, kept };
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
