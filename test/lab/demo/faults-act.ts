/** The demo's heart: a client writes through the VIP all the time, the scenes are played, and everything is measured. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { checkLoad, type FaultMoment, type LoadVerdict } from '../load/check.ts';
import { monotonicMs, wallOfMonotonic } from '../load/clock.ts';
import { acksOf, dualAcks } from '../load/dual-acks.ts';
import { type Load, startLoad } from '../load/load.ts';
import { holderOf, otherHost, settledRows } from '../load/pair-under-test.ts';
import { createLoadTable } from '../load/tables.ts';
import { waitUntilSync } from '../load/voting.ts';
import { tellDecisions } from './decisions.ts';
import { type Scene, type Stage, scenes } from './scenes.ts';
import { seconds } from './story.ts';

export interface FaultFigures {
  readonly primaryBefore: string;
  readonly primaryAfter: string;
  /** Longest time without an acknowledged row: of the kill, the partition, the switchover. */
  readonly outageMs: number;
  readonly partitionOutageMs: number;
  readonly switchoverOutageMs: number;
  readonly rowsAcknowledged: number;
  readonly rowsLost: number;
  /** How often two servers acknowledged rows that cannot both belong to one history. */
  readonly twoWriters: number;
}

interface Played extends FaultMoment {
  readonly name: Scene['name'];
  readonly primary: string;
}

const writeMs = 1000;
const takeoverDeadlineMs = 20_000;
const syncDeadlineMs = 60_000;

export async function playFaults(stage: Stage): Promise<FaultFigures> {
  const { lab, pair, signal } = stage;
  await waitUntilSync(pair, syncDeadlineMs, signal);
  const table = { database: pair.account.database, table: 'demo' };
  await createLoadTable(await holderOf(pair), table);
  const historyFile = join(lab.directory, 'demo.jsonl');
  const client = { host: pair.vip, ...pair.account, ...table, historyFile, gtid: true };
  await using load = startLoad(lab.clientArgv, client);
  const played: Played[] = [];
  for (const scene of scenes) played.push(await playScene(stage, scene, load));
  const primaryAfter = (await holderOf(pair)).name;
  const { history } = await load.stop();
  const rows = await settledRows(pair, table);
  const verdict = checkLoad({ history, rows, faults: played });
  const outage = (name: Scene['name']): number =>
    Math.round(verdict.gaps.find((gap) => gap.name === name)?.gapMs ?? Number.NaN);
  const figures = {
    ...{ primaryBefore: played[0]?.primary ?? '', primaryAfter },
    outageMs: outage('kill'),
    partitionOutageMs: outage('partition'),
    switchoverOutageMs: outage('switchover'),
    ...{ rowsAcknowledged: verdict.acknowledged, rowsLost: verdict.lost.length },
    twoWriters: dualAcks(acksOf(history)).length,
  };
  tellFigures(stage, figures);
  assertRest(verdict);
  return figures;
}

async function playScene(stage: Stage, scene: Scene, load: Load): Promise<Played> {
  const { pair, story, signal } = stage;
  const primary = await holderOf(pair);
  const standby = otherHost(pair, primary);
  story.chapter(scene.title(primary, standby));
  await serves(stage, load, primary.name);
  await delay(writeMs, undefined, { signal });
  const { acknowledged } = await load.counters();
  story.line(`A client writes through ${pair.vip}: ${acknowledged} rows so far, now on ${primary.name}.`);
  const { at, relent } = await scene.strike(stage, primary, standby);
  await serves(stage, load, standby.name);
  story.line(`${standby.name} has the VIP and acknowledges rows.`);
  await relent?.();
  const from = relent === undefined ? at : monotonicMs();
  await waitUntilSync(pair, syncDeadlineMs, signal);
  const backMs = monotonicMs() - from;
  const faults = [{ name: scene.name, at }];
  const [gap] = checkLoad({ history: load.seen(), rows: new Map(), faults }).gaps;
  story.figure(seconds(gap?.gapMs ?? Number.NaN), 'outage: the longest time without an acknowledged row');
  const back = scene.back(primary);
  if (back !== null) story.figure(seconds(backMs), back);
  await tellDecisions(stage, standby.name, wallOfMonotonic(at));
  return { name: scene.name, primary: primary.name, at };
}

/** Waits until the host of this name acknowledges rows. */
async function serves({ pair, signal }: Stage, load: Load, name: string): Promise<void> {
  const server = pair.hosts.findIndex((host) => host.name === name) + 1;
  const acknowledges = async () => (await load.counters()).lastServer === server || undefined;
  const options = { deadlineMs: takeoverDeadlineMs, intervalMs: 20, signal };
  await waitFor(`rows acknowledged by ${name}`, acknowledges, options);
}

function tellFigures({ story }: Stage, figures: FaultFigures): void {
  story.chapter('What the client saw, and every row of it compared on both hosts');
  for (const [value, meaning] of [
    [seconds(figures.outageMs), 'outage by the kill'],
    [seconds(figures.partitionOutageMs), 'outage by the partition'],
    [seconds(figures.switchoverOutageMs), 'outage by the switchover'],
    [`${figures.rowsAcknowledged}`, 'rows acknowledged'],
    [`${figures.rowsLost}`, 'of them lost'],
    [`${figures.twoWriters}`, 'times two servers acknowledged at once'],
  ] as const)
    story.figure(value, meaning);
}

/** Throws when something is wrong with the rows which no figure of the summary could tell. */
function assertRest({ unexpected, duplicate, differing }: LoadVerdict): void {
  if (unexpected.length + duplicate.length + differing.length === 0) return;
  throw new Error(
    `the check of the rows found ${unexpected.length} unexpected, ${duplicate.length} duplicate and ${differing.length} different rows`,
  );
}
