/** Holds what was seen of a run against what is promised. Pure. */

import { TIMING } from '../../shared/pair/timing.ts';
import type { LoadVerdict } from '../lab/load/check.ts';
import { type Ack, type DualAck, dualAcks } from '../lab/load/dual-acks.ts';
import type { BankTotal, CounterAdd, CounterRead } from '../lab/load/observations.ts';
import { bankTotal } from '../lab/load/observer-settings.ts';
import { type StaleRead, staleReads } from '../lab/load/stale-reads.ts';
import type { Expectation } from './fault.ts';
import { type Observed, twoHoldersMs } from './observed.ts';
import { type Outages, outagesOf } from './outage.ts';
import { twoWritableMs } from './two-writable.ts';

export interface Evidence {
  readonly observed: Observed;
  /** Of the rows on every host that is whole again; of the primary's alone when the other is an operator's to mend. */
  readonly rows: Pick<
    LoadVerdict,
    'acknowledged' | 'lost' | 'unexpected' | 'duplicate' | 'unknown' | 'recovered'
  >;
  readonly counter: readonly (CounterAdd | CounterRead)[];
  readonly totals: readonly Pick<BankTotal, 'total' | 'server'>[];
  /** Tables whose content differs between the hosts at the end. */
  readonly differing: readonly string[];
}

export interface Judgement extends Outages {
  readonly failovers: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly dualAcks: number;
  /** Attempts that nobody answered, and how many of them are written all the same. */
  readonly unanswered: number;
  readonly unansweredWritten: number;
  readonly staleMs: number;
  /** How long two hosts showed the VIP, and how long both answered as writable. */
  readonly twoHoldersMs: number;
  readonly twoWritableMs: number;
  /** From the moment the last host was back until the pair was whole; null: it did not get there by itself. */
  readonly backMs: number | null;
  /** What is wrong with the data, or with who was let to change it. Never of how long something took. */
  readonly unsafe: readonly string[];
  /** What is not as promised, `unsafe` and all; empty: everything is. */
  readonly problems: readonly string[];
}

/** A pair must be whole by itself so soon after its hosts are back. */
export const backLimitMs = 15_000;
/** A stall on the way back is a stall: no longer than that of a lost standby. */
const returnLimitMs = 800;
/** With nobody to serve, what was under way may still be answered for so long. */
const lastAnswersMs = 1000;

export function judge(expect: Expectation, evidence: Evidence): Judgement {
  const { observed, rows } = evidence;
  const outages = outagesOf(observed.writerAcks, observed);
  const failovers = failoversOf(observed);
  const dual = dualAcks(observed.acks);
  const stale = staleReads(evidence.counter);
  const staleMs = Math.max(0, ...stale.map((read) => read.staleMs));
  const together = twoWritableMs(observed.samples);
  const backMs = observed.wholeAt === null ? null : Math.max(0, observed.wholeAt - observed.restoredAt);
  const unsafe = [
    // What stood still may answer for a moment after it goes on.
    ...(together > (expect.staleMs ?? 0) ? [`both hosts were writable for ${Math.round(together)} ms`] : []),
    ...integrityProblems(evidence, dual),
    ...staleProblems(stale, staleMs, expect.staleMs ?? 0),
  ];
  return {
    ...{ ...outages, unsafe },
    ...{ failovers, acknowledged: rows.acknowledged, lost: rows.lost.length, dualAcks: dual.length },
    ...{ unanswered: rows.unknown, unansweredWritten: rows.recovered },
    ...{ staleMs, backMs, twoHoldersMs: twoHoldersMs(observed), twoWritableMs: together },
    problems: [
      ...unsafe,
      ...failoverProblems(expect, failovers),
      ...outageProblems(expect, observed, outages),
      ...returnProblems(expect, observed, backMs, outages),
      ...(expect.also ?? []).flatMap((check) => check(observed)),
    ],
  };
}

function integrityProblems({ rows, totals, differing }: Evidence, dual: readonly DualAck[]): string[] {
  const wrong = totals.filter(({ total }) => total !== bankTotal);
  const counted: [number, string][] = [
    [rows.lost.length, `acknowledged rows are lost (${rows.lost.slice(0, 5).join(', ')})`],
    [rows.unexpected.length, `rows are there that were refused (${rows.unexpected.slice(0, 5).join(', ')})`],
    [rows.duplicate.length, 'rows are there twice'],
    [dual.length, `acknowledgements of two servers at once (${dual[0]?.reason})`],
    [wrong.length, `times the accounts' total was not ${bankTotal} but ${wrong[0]?.total}`],
    [differing.length, `tables differ between the hosts: ${differing.join(', ')}`],
  ];
  return counted.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
}

function staleProblems(stale: readonly StaleRead[], staleMs: number, limitMs: number): string[] {
  // A counter that does not go up lost an addition, however short that was.
  const back = stale.filter(({ kind }) => kind === 'add');
  return [
    ...(back.length === 0 ? [] : [`the counter went back ${back.length} times`]),
    ...(staleMs <= limitMs ? [] : [`${stale.length} reads were stale, by up to ${Math.round(staleMs)} ms`]),
  ];
}

function failoversOf({ acks, struckAt, a }: Observed): number {
  return turnsOf(acks.filter(({ at }) => at > struckAt)).filter(
    (server, index, all) => server !== (all[index - 1] ?? a.serverId),
  ).length;
}

/** Servers in the order in which they began to acknowledge; an answer that came late is not a turn. */
function turnsOf(acks: readonly Ack[]): number[] {
  const turns: { readonly server: number; readonly since: number }[] = [];
  for (const { server, from, at } of acks) {
    const turn = turns.at(-1);
    if (turn === undefined || (turn.server !== server && from > turn.since))
      turns.push({ server, since: at });
  }
  return turns.map(({ server }) => server);
}

function failoverProblems({ failover }: Expectation, failovers: number): string[] {
  if (failover === 'yes' && failovers !== 1) return [`${failovers} failovers instead of one`];
  if (failover === 'no' && failovers > 0) return [`${failovers} failovers, and none was due`];
  return [];
}

function outageProblems({ outageMs, meanwhile }: Expectation, observed: Observed, found: Outages): string[] {
  const { acks, injectedAt, relentAt } = observed;
  const limit = injectedAt + lastAnswersMs;
  const served = acks.filter(({ from, at }) => from > limit && at < relentAt).length;
  const problems: string[] = [];
  if (outageMs !== null && found.outageMs > outageMs)
    problems.push(`the outage was ${Math.round(found.outageMs)} ms, more than ${outageMs}`);
  if (meanwhile === 'down' && served > 0)
    problems.push(`${served} rows were acknowledged while nobody may serve`);
  return problems;
}

function hasRested({ statuses }: Observed): boolean {
  return statuses.some(({ status }) => status.row === 'U5');
}

function returnProblems(
  expect: Expectation,
  observed: Observed,
  backMs: number | null,
  found: Outages,
): string[] {
  const { back, outageMs } = expect;
  const { wrong } = observed;
  const limitMs =
    (expect.backMs ?? backLimitMs) + (expect.mayRest && hasRested(observed) ? TIMING.flapMs : 0);
  if (back === 'operator')
    return backMs === null ? [] : ['the pair got whole by itself although an operator has to decide'];
  if (backMs === null)
    return [`${limitMs / 1000} s after its hosts were back ${wrong ?? 'the pair was not whole'}`];
  const problems: string[] = [];
  if (backMs > limitMs) problems.push(`the pair was whole only ${(backMs / 1000).toFixed(1)} s later`);
  if (outageMs !== null && found.returnGapMs > Math.max(returnLimitMs, outageMs))
    problems.push(`writes stalled for ${Math.round(found.returnGapMs)} ms on the way back`);
  return problems;
}
