/** One failover: writers run, the fault strikes the VIP's holder, and everything that can be told is measured. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../shared/runtime/wait-for.ts';
import type { Lab, LabHost } from '../test/lab/lab.ts';
import { checkLoad, type FinalRow } from '../test/lab/load/check.ts';
import { monotonicMs } from '../test/lab/load/clock.ts';
import type { HistoryEvent } from '../test/lab/load/history.ts';
import { type Load, startLoad } from '../test/lab/load/load.ts';
import {
  holderOf,
  otherHost,
  type PairUnderTest,
  settledRows,
  waitUntilWhole,
} from '../test/lab/load/pair-under-test.ts';
import type { VipSampler } from '../test/lab/load/sampler.ts';
import { createLoadTable, type LoadTable, readRows, sql } from '../test/lab/load/tables.ts';
import { vipOverlaps } from '../test/lab/load/vip-intervals.ts';
import { armFault, type FailoverFault } from './faults.ts';

export interface FailoverResult {
  readonly system: PairUnderTest['name'];
  readonly fault: FailoverFault;
  readonly run: number;
  readonly holderBefore: string;
  readonly holderAfter: string;
  /** Longest time without an acknowledged write from the fault to the host's return; null: nobody took over. */
  readonly outageMs: number | null;
  /** Longest time without an acknowledged write from the host's return on; null where it returns by itself (kill). */
  readonly returnGapMs: number | null;
  readonly acknowledged: number;
  /** Acknowledged rows that a node lacks in the end. */
  readonly lost: number;
  /** Acknowledged rows that the new primary did not have when it took over; null: nobody took over. */
  readonly missingAtTakeover: number | null;
  readonly unexpected: number;
  readonly duplicate: number;
  readonly differing: number;
  /** Times a second server acknowledged in between. */
  readonly writerOverlaps: number;
  /** How long two hosts showed the VIP at once. */
  readonly twoHoldersMs: number;
  /** From the fault to a whole pair, as far as it got by itself; null: it had to be repaired by hand. */
  readonly wholeMs: number | null;
}

export interface RunPlace {
  readonly lab: Lab;
  readonly sampler: VipSampler;
  readonly pair: PairUnderTest;
}

const warmUpAcks = 200;
/** Longer than the period of any check, so that faults meet them at every phase. */
const phaseMs = 2000;
const observeMs = { kill: 20_000, power: 20_000, hang: 30_000 } as const;
const afterTakeoverMs = 1000;
const wholeDeadlineMs = 10_000;
const handDeadlineMs = 60_000;

/** What a run is about, before anything happens. */
interface Scene {
  readonly fault: FailoverFault;
  readonly run: number;
  readonly holder: LabHost;
  readonly table: LoadTable;
}

/** What happened, in monotonicMs(). */
interface Course {
  readonly struckAt: number;
  readonly relentAt: number;
  readonly snapshot: Snapshot | undefined;
  readonly wholeMs: number | null;
}

export async function runFailover(
  place: RunPlace,
  fault: FailoverFault,
  run: number,
): Promise<FailoverResult> {
  const { lab, pair } = place;
  await waitUntilWhole(pair, handDeadlineMs);
  const holder = await holderOf(pair);
  const table = { database: pair.account.database, table: `load_${fault}_${run}` };
  await createLoadTable(holder, table);
  const historyFile = join(lab.directory, `${pair.name}-${fault}-${run}.jsonl`);
  await using load = startLoad(lab.clientArgv, { host: pair.vip, ...pair.account, ...table, historyFile });
  await warmUp(load);
  const scene = { fault, run, holder, table };
  const course = await strike(place, scene, load);
  const { history } = await load.stop();
  const rows = await settledRows(pair, table);
  const holderAfter = await holderOf(pair);
  await sql(holderAfter, `DROP TABLE ${table.database}.${table.table};`);
  return { ...judge(place, scene, course, history, rows), holderAfter: holderAfter.name };
}

async function strike(
  { lab, pair, sampler }: RunPlace,
  { fault, holder, table }: Scene,
  load: Load,
): Promise<Course> {
  const armed = await armFault(lab, holder, fault);
  const struckAt = monotonicMs();
  await armed.strike();
  const snapshot = await rowsAtTakeover(load, pair, holder, table, observeMs[fault]);
  await delay(afterTakeoverMs);
  const relentAt = monotonicMs();
  await armed.relent();
  if (fault === 'power') await sampler.follow(holder.name);
  return { struckAt, relentAt, snapshot, wholeMs: await getWhole(pair, struckAt) };
}

function judge(
  { pair, sampler }: RunPlace,
  { fault, run, holder }: Scene,
  { struckAt, relentAt, snapshot, wholeMs }: Course,
  history: readonly HistoryEvent[],
  rows: ReadonlyMap<string, readonly FinalRow[]>,
): Omit<FailoverResult, 'holderAfter'> {
  const returns = fault === 'kill' ? [] : [{ name: 'return', at: relentAt }];
  const verdict = checkLoad({ history, rows, faults: [{ name: fault, at: struckAt }, ...returns] });
  const overlaps = vipOverlaps(pairIntervals(pair, sampler, struckAt), monotonicMs());
  return {
    system: pair.name,
    fault,
    run,
    holderBefore: holder.name,
    outageMs: snapshot === undefined ? null : (verdict.gaps[0]?.gapMs ?? null),
    returnGapMs: verdict.gaps[1]?.gapMs ?? null,
    acknowledged: verdict.acknowledged,
    lost: verdict.lost.length,
    missingAtTakeover: snapshot === undefined ? null : missing(history, snapshot).length,
    unexpected: verdict.unexpected.length,
    duplicate: verdict.duplicate.length,
    differing: verdict.differing.length,
    writerOverlaps: verdict.overlaps.length,
    twoHoldersMs: overlaps.reduce((sum, { from, to }) => sum + to - from, 0),
    wholeMs,
  };
}

async function warmUp(load: Load): Promise<void> {
  const enough = async () => (await load.counters()).acknowledged >= warmUpAcks || undefined;
  await waitFor('the first rows through the VIP', enough, { deadlineMs: 15_000, intervalMs: 50 });
  await delay(Math.random() * phaseMs);
}

interface Snapshot {
  /** server_id of the new primary. */
  readonly server: number;
  readonly rows: readonly FinalRow[];
}

/** The new primary's rows right after its first acknowledgement; undefined when nobody took over in time. */
async function rowsAtTakeover(
  load: Load,
  pair: PairUnderTest,
  failed: LabHost,
  table: LoadTable,
  deadlineMs: number,
): Promise<Snapshot | undefined> {
  const before = pair.hosts.indexOf(failed) + 1;
  const taken = async () => {
    const { lastServer } = await load.counters();
    return lastServer !== null && lastServer !== before ? lastServer : undefined;
  };
  const server = await waitFor('a takeover', taken, { deadlineMs, intervalMs: 20 }).catch(() => undefined);
  if (server === undefined) return undefined;
  return { server, rows: await readRows(otherHost(pair, failed), table) };
}

/** Rows the old primary acknowledged and the new one did not have. */
function missing(history: readonly HistoryEvent[], { server, rows }: Snapshot): number[] {
  const ids = new Set(rows.map(({ id }) => id));
  return history.flatMap((event) =>
    event.type === 'ok' && event.server !== server && !ids.has(event.id) ? [event.id] : [],
  );
}

async function getWhole(pair: PairUnderTest, since: number): Promise<number | null> {
  const alone = await waitUntilWhole(pair, wholeDeadlineMs).then(
    () => true,
    () => false,
  );
  if (alone) return monotonicMs() - since;
  await pair.repair();
  await waitUntilWhole(pair, handDeadlineMs);
  return null;
}

/** The VIP's intervals on this pair's hosts, cut at the start of the run. */
export function pairIntervals(pair: PairUnderTest, sampler: VipSampler, since: number) {
  const names = new Set(pair.hosts.map(({ name }) => name));
  return sampler
    .intervals()
    .filter(({ host, to }) => names.has(host) && (to === null || to > since))
    .map((interval) => ({ ...interval, from: Math.max(interval.from, since) }));
}
