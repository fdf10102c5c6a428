import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { checkLoad, type FinalRow } from '../lab/load/check.ts';
import { formatEvent, type HistoryEvent, parseHistory } from '../lab/load/history.ts';
import { parseMonitorLine } from '../lab/load/sampler.ts';
import { vipIntervals, vipOverlaps } from '../lab/load/vip-intervals.ts';

/** One passed assertion for a property, however many samples it took. */
function holds<T>(t: Test, property: fc.IRawProperty<T>): void {
  fc.assert(property);
  t.pass('holds for every sample');
}

type Outcome = 'ok' | 'fail' | 'info-written' | 'info-lost';

/** A run in which servers take turns, with every outcome; both nodes hold what was written. */
const runs = fc
  .record({
    outcomes: fc.array(fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'fail', 'info-written', 'info-lost'), {
      minLength: 4,
      maxLength: 60,
    }),
    handover: fc.nat(60),
  })
  .map(({ outcomes, handover }) => {
    const history: HistoryEvent[] = [];
    const rows: FinalRow[] = [];
    outcomes.forEach((outcome, index) => {
      const server = index < handover ? 1 : 2;
      const moment = { id: index + 1, writer: index % 3, at: index * 10, wall: index * 10 };
      history.push({ type: 'invoke', ...moment });
      const end = { ...moment, at: moment.at + 4 };
      if (outcome === 'ok') history.push({ type: 'ok', ...end, server });
      else history.push({ type: outcome === 'fail' ? 'fail' : 'info', ...end, error: 'x' });
      if (outcome === 'ok' || outcome === 'info-written') rows.push({ id: moment.id, serverId: server });
    });
    const acknowledged = history.filter((event) => event.type === 'ok').map(({ id }) => id);
    return { history, rows, acknowledged };
  })
  .filter(({ acknowledged }) => acknowledged.length >= 3);

const both = (a: readonly FinalRow[], b: readonly FinalRow[] = a) =>
  new Map([
    ['db1', a],
    ['db2', b],
  ]);

test('a run without a planted fault is clean and its counts add up', async (t) => {
  holds(
    t,
    fc.property(runs, ({ history, rows, acknowledged }) => {
      const verdict = checkLoad({ history, rows: both(rows) });
      assert.ok(verdict.clean);
      assert.equal(verdict.acknowledged, acknowledged.length);
      assert.equal(verdict.recovered, rows.length - acknowledged.length);
      assert.equal(
        verdict.acknowledged + verdict.failed + verdict.unknown,
        history.filter((event) => event.type === 'invoke').length,
      );
      assert.equal(
        verdict.turns.reduce((sum, turn) => sum + turn.count, 0),
        acknowledged.length,
      );
    }),
  );
});

test('an acknowledged row that one node lacks is lost, and only that one', async (t) => {
  holds(
    t,
    fc.property(runs, fc.nat(), fc.boolean(), ({ history, rows, acknowledged }, pick, everywhere) => {
      const victim = acknowledged[pick % acknowledged.length];
      const cut = rows.filter(({ id }) => id !== victim);
      const verdict = checkLoad({ history, rows: everywhere ? both(cut) : both(rows, cut) });
      assert.deepEqual(verdict.lost, [victim]);
      assert.deepEqual(verdict.differing, everywhere ? [] : [victim]);
      assert.ok(!verdict.clean);
    }),
  );
});

test('rows nobody can have written are unexpected', async (t) => {
  holds(
    t,
    fc.property(runs, ({ history, rows }) => {
      const refused = history.filter((event) => event.type === 'fail').map(({ id }) => id);
      const planted = [...refused, 1_000_000];
      const more = [...rows, ...planted.map((id) => ({ id, serverId: 1 }))];
      assert.deepEqual(checkLoad({ history, rows: both(more) }).unexpected, planted);
    }),
  );
});

test('an id acknowledged twice, or twice in a node, is a duplicate', async (t) => {
  holds(
    t,
    fc.property(runs, fc.nat(), fc.boolean(), ({ history, rows, acknowledged }, pick, inTable) => {
      const id = acknowledged[pick % acknowledged.length] ?? 0;
      const row = rows.find((one) => one.id === id);
      const ack = history.find((event) => event.type === 'ok' && event.id === id);
      if (row === undefined || ack === undefined) return;
      const verdict = inTable
        ? checkLoad({ history, rows: both(rows, [...rows, row]) })
        : checkLoad({ history: [...history, ack], rows: both(rows) });
      assert.deepEqual(verdict.duplicate, [id]);
    }),
  );
});

test('a row that the nodes attribute to different writers is a difference', async (t) => {
  holds(
    t,
    fc.property(runs, fc.nat(), ({ history, rows }, pick) => {
      const victim = rows[pick % rows.length]?.id;
      const other = rows.map((row) => (row.id === victim ? { ...row, serverId: row.serverId + 7 } : row));
      const verdict = checkLoad({ history, rows: both(rows, other) });
      assert.deepEqual(verdict.differing, [victim]);
      assert.deepEqual(verdict.lost, []);
    }),
  );
});

const ack = (id: number, at: number, server: number): HistoryEvent => ({
  type: 'ok',
  id,
  writer: 0,
  at,
  wall: at,
  server,
});
const rowsOf = (history: readonly HistoryEvent[]): FinalRow[] =>
  history.flatMap((event) => (event.type === 'ok' ? [{ id: event.id, serverId: event.server }] : []));

test('a server that acknowledges again right after another one is a second writer', async (t) => {
  holds(
    t,
    fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 50 }), (pause, count) => {
      const turns = Array.from({ length: count }, (_, index) => ack(index, index * 20, 1));
      const end = (count - 1) * 20;
      const history = [...turns, ack(1001, end + pause / 2, 2), ack(1002, end + pause, 1)];
      const verdict = checkLoad({ history, rows: both(rowsOf(history)) });
      assert.deepEqual(verdict.overlaps, [{ servers: [2, 1], at: end + pause }]);
      assert.ok(!verdict.clean);
    }),
  );
});

test('a failover and the way back, a turn apart, are two handovers and no overlap', async (t) => {
  const history = [ack(1, 0, 1), ack(2, 400, 2), ack(3, 900, 2), ack(4, 1400, 1)];
  const verdict = checkLoad({ history, rows: both(rowsOf(history)) });
  t.same(
    verdict.turns.map(({ server, count }) => [server, count]),
    [
      [1, 1],
      [2, 2],
      [1, 1],
    ],
  );
  t.same(verdict.overlaps, []);
  t.ok(verdict.clean);
});

test('gaps are told per fault: the longest one, the takeover, and that nothing came', async (t) => {
  const history = [
    ack(1, 0, 1),
    ack(2, 10, 1),
    ack(3, 510, 2),
    ack(4, 520, 2),
    ack(5, 2000, 2),
    ack(6, 2010, 2),
  ];
  const faults = [
    { name: 'kill', at: 12 },
    { name: 'cut', at: 1990 },
    { name: 'end', at: 3000 },
  ];
  const verdict = checkLoad({ history, rows: both(rowsOf(history)), faults });
  t.equal(verdict.longestGapMs, 1480);
  t.match(verdict.gaps, [
    { name: 'kill', gapMs: 500, takeoverMs: 498, serverBefore: 1, serverAfter: 2 },
    { name: 'cut', gapMs: 1480, takeoverMs: null, serverBefore: 2, serverAfter: 2 },
    { name: 'end', gapMs: null, takeoverMs: null, serverBefore: 2, serverAfter: null },
  ]);
});

test('a history survives its file, and a torn last line is left out', async (t) => {
  holds(
    t,
    fc.property(runs, fc.nat(20), ({ history }, torn) => {
      const text = history.map(formatEvent).join('');
      assert.deepEqual(parseHistory(text), history);
      assert.deepEqual(parseHistory(text + formatEvent(ack(1, 1, 1)).slice(0, torn)), history);
    }),
  );
  t.throws(() => parseHistory('{"type":"ok","id":1,"writer":0,"at":1,"wall":1}\n'), /line 1/);
});

test('two hosts with the VIP at once are seen however short, one after the other are not', async (t) => {
  holds(
    t,
    fc.property(fc.integer({ min: -50, max: 50 }), (shift) => {
      const intervals = vipIntervals([
        { host: 'db1', at: 0, has: true },
        { host: 'db2', at: 0, has: false },
        { host: 'db2', at: 100 - shift, has: true },
        { host: 'db1', at: 100, has: false },
      ]);
      assert.deepEqual(intervals, [
        { host: 'db1', from: 0, to: 100 },
        { host: 'db2', from: 100 - shift, to: null },
      ]);
      const expected = shift > 0 ? [{ hosts: ['db1', 'db2'], from: 100 - shift, to: 100 }] : [];
      assert.deepEqual(vipOverlaps(intervals, 1000), expected);
    }),
  );
});

test('lines of ip monitor about the VIP are read, others are not', async (t) => {
  const wall = new Date('2026-11-22T15:47:00').getTime();
  const line = '2: eth0    inet 10.88.0.10/24 scope global secondary eth0\\       valid_lft forever';
  t.same(parseMonitorLine(`[2026-11-22T15:47:00.250000] ${line}`, '10.88.0.10'), {
    wall: wall + 250,
    has: true,
  });
  t.same(parseMonitorLine(`[2026-11-22T15:47:00.250000] Deleted ${line}`, '10.88.0.10'), {
    wall: wall + 250,
    has: false,
  });
  t.equal(parseMonitorLine(`[2026-11-22T15:47:00.250000] ${line}`, '10.88.0.1'), undefined);
  t.equal(parseMonitorLine('2: eth0 inet 10.88.0.10/24', '10.88.0.10'), undefined);
});
