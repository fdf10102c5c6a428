/**
 * The commits bench: what commits cost on a pair to which nothing happens. One deployed pair runs as the guards have it,
 * then without them, then without each thing that makes a commit safe, the variants taking turns forth and back, because
 * what else the machine does changes by the minute: only neighbours are compared.
 */

import { openStage, type Stage } from '../test/faults/stage.ts';
import { holderOf, otherHost } from '../test/lab/load/pair-under-test.ts';
import { untilSamePosition } from '../test/support/same-position.ts';
import { arrange, type Roles, restoreGuards } from './commits/arrange.ts';
import { type CommitFigures, fillTables, runCommits } from './commits/load.ts';
import { measureProcessors, type ProcessorUse } from './commits/processor-use.ts';
import { readPair } from './commits/read-pair.ts';
import {
  type CommitsDisk,
  confirmationProblems,
  type PairReading,
  type VariantName,
} from './commits/variants.ts';

export interface CommitsResult extends CommitFigures, ProcessorUse {
  readonly round: number;
  readonly variant: VariantName;
  readonly commitsPerSecond: number;
}

export interface CommitsDocument {
  readonly bench: 'commits';
  /** Where the hosts' disks are: folders of the machine's own file system, or memory. */
  readonly disk: CommitsDisk;
  readonly seconds: number;
  readonly connections: number;
  readonly tables: number;
  readonly rows: number;
  /** In the order in which they were measured. */
  readonly results: readonly CommitsResult[];
  /** What could not be measured; each is also a failure of the bench. */
  readonly failed: readonly FailedCommits[];
}

export interface FailedCommits {
  readonly round: number;
  readonly variant: VariantName;
  readonly reason: string;
}

export interface CommitsOptions {
  readonly runs: number;
  readonly seconds: number;
  readonly disk: CommitsDisk;
  readonly variants: readonly VariantName[];
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const LOAD = { port: 3306, connections: 8, tables: 4, rows: 10_000, warmUpMs: 3000 } as const;
/** What an asynchronous standby still has to apply. */
const APPLY_MS = 300_000;
const WHOLE_MS = 60_000;

export async function benchCommits(options: CommitsOptions): Promise<CommitsDocument> {
  const { runs, seconds, disk, variants, log, signal } = options;
  log('deploying');
  await using stage = await openStage(false, log, signal, disk);
  let place = await placeOf(stage);
  await fillTables(place.roles.primary, { ...stage.pair.account, ...LOAD });
  await untilSamePosition(stage.pair.hosts, APPLY_MS);
  await stage.whole(WHOLE_MS, signal);
  const kept = { results: [] as CommitsResult[], failed: [] as FailedCommits[] };
  for (const { round, variant } of schedule(runs, variants)) {
    signal.throwIfAborted();
    const title = `round ${round}/${runs}, ${variant}`;
    try {
      const measured = await measure(place, variant, options);
      kept.results.push({ round, variant, ...measured });
      log(`${title}: ${told(measured)}`);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      kept.failed.push({ round, variant, reason });
      log(`${title}: could not be measured: ${reason}`);
      await restoreGuards(place.roles, signal);
      place = await placeOf(stage);
    }
  }
  const { connections, tables, rows } = LOAD;
  return { bench: 'commits', disk, seconds, connections, tables, rows, ...kept };
}

/** A pair whose guards run and that is whole. */
interface Place {
  readonly stage: Stage;
  readonly roles: Roles;
  readonly deployed: PairReading;
}

async function placeOf(stage: Stage): Promise<Place> {
  const { pair } = stage;
  const primary = await holderOf(pair);
  const standby = otherHost(pair, primary);
  return { stage, roles: { pair, primary, standby }, deployed: await readPair(primary, standby) };
}

function told({ commitsPerSecond, medianMs, p95Ms, busyPercent }: Measured): string {
  return `${commitsPerSecond.toFixed(0)} commits/s, median ${medianMs.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, machine ${busyPercent.toFixed(0)} % busy`;
}

/** Forth and back, so that whatever grows or tires meets every variant alike. */
export function* schedule(
  rounds: number,
  variants: readonly VariantName[],
): Generator<{ round: number; variant: VariantName }> {
  for (let round = 1; round <= rounds; round += 1)
    for (const variant of round % 2 === 1 ? variants : variants.toReversed()) yield { round, variant };
}

type Measured = Omit<CommitsResult, 'round' | 'variant'>;

async function measure(
  { stage: { lab, pair }, roles, deployed }: Place,
  variant: VariantName,
  { seconds, signal }: CommitsOptions,
): Promise<Measured> {
  const { primary, standby } = roles;
  const before = await arrange(roles, variant, deployed, signal);
  const used = measureProcessors(pair.hosts);
  const load = { ...LOAD, ...pair.account, host: primary.address, measureMs: seconds * 1000 };
  const figures = await runCommits(lab.clientArgv, load, signal);
  const processors = used();
  const problems = confirmationProblems(variant, figures.commits, before, await readPair(primary, standby));
  if (problems.length > 0) throw new Error(`"${variant}" cannot be measured: ${problems.join('; ')}`);
  await untilSamePosition(pair.hosts, APPLY_MS);
  await arrange(roles, variant, deployed, signal);
  return { ...figures, ...processors, commitsPerSecond: figures.commits / seconds };
}
