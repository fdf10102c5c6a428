// What is told of faults that were tried: where the time of an outage went, percentiles, and what is kept of it.
import { test } from 'tap';
import { type KeptResult, renderDocument, withEarlier } from '../../bench/results.ts';
import type { StoredDecision } from '../../coordinator/store/decisions.ts';
import { decisionOf } from '../support/make-decision.ts';
import { faults } from './fault-table.ts';
import { type Outage, phasesOf } from './phases.ts';
import { type FaultLine, renderReport, skippedLine, summarize } from './report.ts';
import type { FaultRun } from './run-fault.ts';

/** A decision at a moment of the outage; the guard's own clock began 7000 ms before it. */
const decided = (host: string, row: string, at: number): StoredDecision => ({
  ...{ host, time: 1000 + at },
  decision: decisionOf(`1-${at}`, { row, clock: 7000 + at }),
});

const outage: Outage = {
  ...{ outageFrom: 1000, outageMs: 400 },
  vip: [
    { host: 'db1', from: 0, to: 1050 },
    { host: 'db2', from: 1330, to: null },
  ],
};
const takeover = [
  ...[decided('db1', 'P1', 20), decided('db2', 'S5', 50), decided('db2', 'T5', 60)],
  ...[decided('db2', 'T6', 75), decided('db2', 'T7', 90), decided('db2', 'T8', 110)],
  decided('db2', 'O4', 250),
];

const sumOf = (phases: object | null): number =>
  Object.values(phases ?? {}).reduce((sum: number, ms: number) => sum + ms, 0);

test('the phases of a takeover add up to the outage', async (t) => {
  const phases = phasesOf(outage, takeover);
  t.same(phases, { detect: 50, vote: 10, cut: 15, drain: 15, record: 20, open: 140, vip: 80, write: 70 });
  t.equal(sumOf(phases), 400);
  t.same(Object.keys(phases ?? {}).at(0), 'detect', 'in their order');
});

test('an address that was there before the server costs nothing', async (t) => {
  const vip = [{ host: 'db2', from: 1100, to: null }];
  t.match(phasesOf({ ...outage, vip }, takeover), { open: 140, vip: 0, write: 150 });
});

test('a takeover that was tried in vain is part of the time until the one that was not', async (t) => {
  const vain = [decided('db2', 'S5', 10), decided('db2', 'T4', 30)];
  t.match(phasesOf(outage, [...vain, ...takeover]), { detect: 50, vote: 10 });
});

test('a primary that goes on alone: until it asks, until it is recorded, until it answers', async (t) => {
  const alone = [decided('db1', 'D2', 310), decided('db1', 'D1', 330)];
  const phases = phasesOf(outage, alone);
  t.same(phases, { detect: 310, vote: 20, write: 70 });
});

test('nothing is told of an outage in which the guards decided nothing', async (t) => {
  t.equal(phasesOf(outage, []), null);
  const before = takeover.map((one) => ({ ...one, time: one.time - 1000 }));
  t.equal(phasesOf(outage, before), null, 'nor by what they decided at another time');
  t.equal(phasesOf(outage, takeover.slice(0, -1)), null, 'nor by a takeover that did not come to its end');
});

const fault = faults.find(({ id }) => id === '1');
if (fault === undefined) throw new TypeError('there is no fault 1');
const run = (number: number, more: Partial<FaultRun> = {}): FaultRun => ({
  ...{ fault, run: number, seed: number, notes: [], journals: null, defaultClientOutageMs: 300 },
  ...{ outageMs: 100 + number, outageFrom: 0, returnGapMs: 0, failovers: 1, acknowledged: 10, lost: 0 },
  ...{ dualAcks: 0, staleMs: 0, twoHoldersMs: 0, twoWritableMs: 0, backMs: 4000, unsafe: [], problems: [] },
  ...{ unanswered: 0, unansweredWritten: 0, phases: { detect: 10 * number, write: 5 } },
  ...more,
});

test('a line has the percentile from 20 runs on, and the medians of the phases that are told', async (t) => {
  const twenty = Array.from({ length: 20 }, (_, index) => run(index + 1));
  t.match(summarize(twenty, []), [
    { runs: 20, outageMedianMs: 111, outageP95Ms: 119, outageMaxMs: 120, expectationMet: true },
  ]);
  t.match(summarize(twenty.slice(1), []), [{ outageP95Ms: null }]);
  const [line] = summarize([run(1), run(2), run(3, { phases: null })], []);
  t.same(line?.phasesMs, { detect: 15, write: 5 });
});

test('the report shows percentiles and phases only where there are any', async (t) => {
  const twenty = Array.from({ length: 20 }, (_, index) => run(index + 1));
  const told = renderReport(summarize(twenty, []));
  t.match(told, /^# +fault +runs +failovers +outage +p95 +max/);
  t.match(told, /detect +vote .* first write\n[- ]+\n1 +kill -9 of the server +105 +- .* 5$/m);
  const little = renderReport(summarize([run(1, { phases: null })], []));
  t.notMatch(little, /p95|detect/);
  const all = [...summarize([run(1)], []), skippedLine({ fault, reason: 'no disk' })];
  t.match(renderReport(all), /1: unsupported: no disk$/);
});

test('faults that were tried again take the place of their lines, and leave the others with their day', async (t) => {
  const machine = { cpus: '2', memoryGb: 24, kernel: '6' };
  const keep = (day: string, ...ids: string[]): KeptResult => ({
    ...{ bench: 'faults', machine, measuredAt: `2026-12-${day}T00:00:00Z` },
    lines: ids.map((id): FaultLine => ({ ...skippedLine({ fault, reason: '' }), id, fault: day })),
  });
  const joined = withEarlier(withEarlier(keep('01', '1', '6a', '22'), keep('02', '10')), keep('03', '6a'));
  t.match(joined, {
    measuredAt: '2026-12-03T00:00:00Z',
    lines: [
      { id: '1', fault: '01' },
      { id: '6a', fault: '03' },
      { id: '10', fault: '02' },
      { id: '22', fault: '01' },
    ],
  });
  t.match(renderDocument([joined]), /^Measured 2026-12-03; 1, 22 2026-12-01; 10 2026-12-02 on 2, 24 GB/m);
});
