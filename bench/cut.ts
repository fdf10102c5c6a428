/**
 * The two database hosts cut from each other while every client reaches both: what the how-to's pair does then. Two
 * clients write, one that was there before and one whose machine arrives during the cut (no entry in its ARP table).
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../shared/runtime/wait-for.ts';
import { checkLoad } from '../test/lab/load/check.ts';
import { monotonicMs } from '../test/lab/load/clock.ts';
import type { HistoryEvent } from '../test/lab/load/history.ts';
import { type Load, startLoad } from '../test/lab/load/load.ts';
import {
  holderOf,
  type PairUnderTest,
  settledRows,
  waitUntilWhole,
} from '../test/lab/load/pair-under-test.ts';
import { createLoadTable, type LoadTable, readCounters, sql, vertical } from '../test/lab/load/tables.ts';
import { vipOverlaps } from '../test/lab/load/vip-intervals.ts';
import { run as runOutside } from '../test/lab/run.ts';
import { pairIntervals, type RunPlace } from './failover-run.ts';

export interface CutResult {
  readonly system: PairUnderTest['name'];
  readonly run: number;
  /** How long two hosts showed the VIP at once. */
  readonly twoHoldersMs: number;
  /** Rows each server acknowledged during the cut, by server_id. */
  readonly acknowledgedDuringCut: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly lost: number;
  readonly differing: number;
  /** Rows that both sides updated and that differ for good after the cut. */
  readonly counters: number;
  readonly countersDiffering: number;
  /** What replication says about itself afterwards, both hosts. */
  readonly replicationErrors: readonly string[];
}

const counters = 10;
const cutMs = 10_000;
const arrivals = 12;

export async function runCut(place: RunPlace, run: number): Promise<CutResult> {
  const { lab, pair } = place;
  await waitUntilWhole(pair, 60_000);
  const table = { database: pair.account.database, table: `load_cut_${run}` };
  await createLoadTable(await holderOf(pair), table, counters);
  await waitUntilWhole(pair, 10_000);
  const client: StartClient = (enter, name, firstId) =>
    startLoad(enter, {
      host: pair.vip,
      ...pair.account,
      ...table,
      historyFile: join(lab.directory, `${pair.name}-cut-${run}-${name}.jsonl`),
      firstId,
      counters,
    });
  const course = await cutApart(place, client);
  await waitUntilWhole(pair, 20_000).catch(async () => {
    await pair.repair();
    await waitUntilWhole(pair, 60_000);
  });
  const compared = await compare(pair, table, course.history);
  const { database, table: name } = table;
  await sql(await holderOf(pair), `DROP TABLE ${database}.${name}, ${database}.${name}_counter;`);
  return { system: pair.name, run, ...during(place, course), ...compared, counters };
}

type StartClient = (enter: readonly string[], name: string, firstId: number) => Load;

interface CutCourse {
  readonly cutAt: number;
  readonly healedAt: number;
  readonly history: readonly HistoryEvent[];
}

/** Clients write, the cut begins and ends, and the clients stop. */
async function cutApart({ lab, sampler, pair }: RunPlace, client: StartClient): Promise<CutCourse> {
  await using resident = client(lab.clientArgv, 'resident', 1);
  await waitFor('rows', async () => (await resident.counters()).acknowledged > 100 || undefined, {
    deadlineMs: 15_000,
  });
  const names = pair.hosts.map(({ name }) => name);
  const cutAt = monotonicMs();
  const endCut = await lab.faults.isolate(names);
  const both = () => names.every((name) => sampler.holders().includes(name)) || undefined;
  await waitFor('two holders', both, { deadlineMs: 15_000 }).catch(() => undefined);
  await delay(1000);
  const arrived = await arriveAtOther(resident, client, lab.operatorArgv);
  await delay(Math.max(0, cutMs - (monotonicMs() - cutAt)));
  const healedAt = monotonicMs();
  await endCut();
  await delay(1000);
  const history: HistoryEvent[] = [];
  for (const load of [resident, ...arrived]) history.push(...(await load.stop()).history);
  return { cutAt, healedAt, history };
}

function during({ pair, sampler }: RunPlace, { cutAt, healedAt, history }: CutCourse) {
  const overlaps = vipOverlaps(pairIntervals(pair, sampler, cutAt), monotonicMs());
  const servers = history.flatMap((event) =>
    event.type === 'ok' && event.at > cutAt && event.at < healedAt ? [event.server] : [],
  );
  return {
    twoHoldersMs: overlaps.reduce((sum, { from, to }) => sum + to - from, 0),
    acknowledgedDuringCut: countBy(servers),
  };
}

async function compare(pair: PairUnderTest, table: LoadTable, history: readonly HistoryEvent[]) {
  const verdict = checkLoad({ history, rows: await settledRows(pair, table) });
  const [left = [], right = []] = await Promise.all(pair.hosts.map((host) => readCounters(host, table)));
  return {
    acknowledged: verdict.acknowledged,
    lost: verdict.lost.length,
    differing: verdict.differing.length,
    countersDiffering: left.filter((line, index) => line !== right[index]).length,
    replicationErrors: await errorsOf(pair),
  };
}

/** Starts clients whose machine knows no MAC of the VIP yet, until one is answered by the other host. */
async function arriveAtOther(resident: Load, client: StartClient, enter: readonly string[]): Promise<Load[]> {
  const { lastServer } = await resident.counters();
  const started: Load[] = [];
  for (let index = 0; index < arrivals; index += 1) {
    await runOutside([...enter, 'ip', 'neigh', 'flush', 'dev', 'eth0']);
    const load = client(enter, `arriving-${index}`, (index + 1) * 1_000_000_000);
    started.push(load);
    const answered = async () => (await load.counters()).lastServer ?? undefined;
    const server = await waitFor('a row', answered, { deadlineMs: 2000, intervalMs: 50 }).catch(
      () => undefined,
    );
    if (server !== undefined && server !== lastServer) break;
  }
  return started;
}

function countBy(values: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

async function errorsOf(pair: PairUnderTest): Promise<string[]> {
  const states = await Promise.all(pair.hosts.map((host) => vertical(host, 'SHOW SLAVE STATUS;')));
  return states
    .flatMap((state) => [state.get('Last_IO_Error') ?? '', state.get('Last_SQL_Error') ?? ''])
    .filter((words) => words !== '');
}
