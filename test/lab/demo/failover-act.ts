/** The demo's climax: a client writes through the VIP, the primary's server is killed, and everything is measured. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import type { Lab, LabHost } from '../lab.ts';
import { checkLoad, type LoadVerdict } from '../load/check.ts';
import { monotonicMs } from '../load/clock.ts';
import { type Load, startLoad } from '../load/load.ts';
import {
  holderOf,
  otherHost,
  type PairUnderTest,
  settledRows,
  waitUntilWhole,
} from '../load/pair-under-test.ts';
import { createLoadTable } from '../load/tables.ts';
import { type Story, seconds } from './story.ts';

export interface FailoverOutcome {
  readonly primaryBefore: string;
  readonly primaryAfter: string;
  readonly outageMs: number;
  readonly rowsAcknowledged: number;
  readonly rowsLost: number;
}

const writeFirstMs = 2000;
const writeAfterMs = 2000;
const takeoverDeadlineMs = 20_000;
const wholeDeadlineMs = 60_000;

export async function playFailover(
  lab: Lab,
  pair: PairUnderTest,
  story: Story,
  signal: AbortSignal,
): Promise<FailoverOutcome> {
  await waitUntilWhole(pair, wholeDeadlineMs);
  const primary = await holderOf(pair);
  const table = { database: pair.account.database, table: 'demo' };
  await createLoadTable(primary, table);
  story.chapter(`A client writes through ${pair.vip}, and the server on ${primary.name} is killed`);
  const historyFile = join(lab.directory, 'demo.jsonl');
  await using load = startLoad(lab.clientArgv, { host: pair.vip, ...pair.account, ...table, historyFile });
  const killedAt = await killUnderLoad(lab, pair, primary, load, story, signal);
  story.line(`${otherHost(pair, primary).name} has the VIP and acknowledges rows.`);
  await waitUntilWhole(pair, wholeDeadlineMs);
  story.figure(seconds(monotonicMs() - killedAt), `until ${primary.name} was back as the standby, by itself`);
  const primaryAfter = (await holderOf(pair)).name;
  await delay(writeAfterMs, undefined, { signal });
  const { history } = await load.stop();
  const rows = await settledRows(pair, table);
  const faults = [{ name: 'kill', at: killedAt }];
  const figures = tellVerdict(checkLoad({ history, rows, faults }), story);
  const stayed = primaryAfter === primary.name ? 'is back' : 'stayed';
  story.line(`The VIP ${stayed} on ${primaryAfter}.`);
  return { primaryBefore: primary.name, primaryAfter, ...figures };
}

/** Answers when the server was killed, once another one acknowledges rows. */
async function killUnderLoad(
  lab: Lab,
  pair: PairUnderTest,
  primary: LabHost,
  load: Load,
  story: Story,
  signal: AbortSignal,
): Promise<number> {
  await waitFor('the first row', async () => (await load.counters()).lastServer ?? undefined, {
    deadlineMs: 15_000,
    signal,
  });
  await delay(writeFirstMs, undefined, { signal });
  const pid = await primary.pidOf('mariadb.service');
  const { acknowledged } = await load.counters();
  story.line(`${acknowledged} rows acknowledged so far, all by ${primary.name}.`);
  story.command(`kill -9 ${pid}    # the server on ${primary.name}`);
  const killedAt = monotonicMs();
  await lab.faults.killProcess(primary.name, pid);
  await takenOver(load, pair.hosts.indexOf(primary) + 1, signal);
  return killedAt;
}

/** Throws when something else than a lost row is wrong, which no figure of the summary could tell. */
function tellVerdict(verdict: LoadVerdict, story: Story) {
  const outageMs = verdict.gaps[0]?.gapMs;
  if (outageMs === undefined || outageMs === null) throw new Error('no row was acknowledged after the kill');
  const { acknowledged, lost, unexpected, duplicate, overlaps } = verdict;
  story.figure(seconds(outageMs), 'outage: the longest time the client had no row acknowledged');
  story.figure(String(acknowledged), `rows acknowledged; compared on both hosts: ${lost.length} lost`);
  if (!verdict.clean && lost.length === 0)
    throw new Error(
      `the check of the rows found ${unexpected.length} unexpected, ${duplicate.length} duplicate and ${verdict.differing.length} different rows, and ${overlaps.length} times two writers`,
    );
  return { outageMs: Math.round(outageMs), rowsAcknowledged: acknowledged, rowsLost: lost.length };
}

async function takenOver(load: Load, serverBefore: number, signal: AbortSignal): Promise<void> {
  const other = async () => {
    const { lastServer } = await load.counters();
    return (lastServer !== null && lastServer !== serverBefore) || undefined;
  };
  await waitFor('a takeover', other, { deadlineMs: takeoverDeadlineMs, intervalMs: 20, signal });
}
