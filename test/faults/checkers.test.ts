// The judge must catch what it is there for: each check is shown a sound history first, and then one that is not.

import { test } from 'tap';
import type { GuardState } from '../../shared/model/facts.ts';
import { checkLoad } from '../lab/load/check.ts';
import { type Ack, dualAcks } from '../lab/load/dual-acks.ts';
import type { HistoryEvent } from '../lab/load/history.ts';
import type { CounterAdd, CounterRead, NodeSample } from '../lab/load/observations.ts';
import { staleReads } from '../lab/load/stale-reads.ts';
import { nobodyWritableAfter, noVipFlap, onlyRetryable, silentAfter, twoHoldersAtMost } from './also.ts';
import type { Expectation } from './fault.ts';
import { type Evidence, judge } from './judge.ts';
import type { Observed } from './observed.ts';
import { outagesOf } from './outage.ts';
import { timelineOf } from './timeline.ts';
import { twoWritableMs } from './two-writable.ts';

/** A row every 10 ms by one server, its numbers in order. */
const acksOf = (server: number, from: number, to: number, seq = from): Ack[] =>
  Array.from({ length: (to - from) / 10 }, (_, index) => ({
    ...{ server, from: from + index * 10, at: from + index * 10 + 5, seq: seq + index },
  }));

const without = (acks: readonly Ack[]): Ack[] => acks.map(({ seq: _seq, ...ack }) => ack);

const takeover: readonly Ack[] = [...acksOf(1, 0, 1000, 1), ...acksOf(2, 1300, 9000, 101)];

const historyOf = (acks: readonly Ack[]): HistoryEvent[] =>
  acks.map(({ server, at }, id) => ({ type: 'ok', id, writer: 0, at, wall: at, server }));

/** A failover at 1000 ms, healed at 4000, whole at 5000. */
const observed: Observed = {
  ...{ a: { name: 'db1', serverId: 1 }, b: { name: 'db2', serverId: 2 } },
  ...{
    struckAt: 1000,
    injectedAt: 1000,
    relentAt: 4000,
    restoredAt: 4100,
    wholeAt: 5000,
    wrong: null,
    endAt: 9000,
  },
  ...{ acks: takeover, writerAcks: takeover, refusals: [], samples: [], statuses: [] },
  vip: [
    { host: 'db1', from: 0, to: 1100 },
    { host: 'db2', from: 1200, to: null },
  ],
};

const history = historyOf(takeover);
const rowsOf = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) => (event.type === 'ok' ? [{ id: event.id, serverId: event.server }] : []));
const nodes = (one: ReturnType<typeof rowsOf>, other = one) =>
  new Map([
    ['db1', one],
    ['db2', other],
  ]);

const RESTS: GuardState = {
  ...{ role: 'primary', permit: true, hasVip: true, reason: 'It rests.', row: 'U5' },
  ...{ since: 5000, updated: 5000, lastPromotion: null, voting: null },
};

const evidence: Evidence = {
  observed,
  rows: checkLoad({ history, rows: nodes(rowsOf(history)) }),
  counter: [],
  totals: [{ total: 1000, server: 2 }],
  differing: [],
};

const expect: Expectation = { failover: 'yes', outageMs: 500 };
const problemsOf = (changed: Partial<Evidence>, more: Partial<Expectation> = {}): readonly string[] =>
  judge({ ...expect, ...more }, { ...evidence, ...changed }).problems;
const seeing = (changed: Partial<Observed>): Partial<Evidence> => ({ observed: { ...observed, ...changed } });

test('a sound run has no problem and its figures are those of its history', async (t) => {
  const judgement = judge(expect, evidence);
  t.same(judgement.problems, []);
  t.equal(judgement.failovers, 1);
  t.equal(judgement.outageMs, 310);
  t.equal(judgement.backMs, 900);
  t.equal(judgement.lost, 0);
  t.equal(judgement.dualAcks, 0);
});

test('an acknowledged row that one host lacks is lost', async (t) => {
  const lacking = rowsOf(history).filter(({ id }) => id !== 3);
  const rows = checkLoad({ history, rows: nodes(rowsOf(history), lacking) });
  const judgement = judge(expect, { ...evidence, rows });
  t.equal(judgement.lost, 1);
  t.match(judgement.problems, [/1 acknowledged rows are lost \(3\)/]);
});

test('rows that were refused, tables that differ and money that is gone are told', async (t) => {
  const rows = checkLoad({ history, rows: nodes([...rowsOf(history), { id: 99_999, serverId: 1 }]) });
  t.match(problemsOf({ rows }), [/1 rows are there that were refused/]);
  t.match(problemsOf({ differing: ['app.bank'] }), [/1 tables differ/]);
  t.match(problemsOf({ totals: [{ total: 995, server: 1 }] }), [/not 1000 but 995/]);
});

test('one server after the other is no dual acknowledgement, with numbers and without', async (t) => {
  t.same(dualAcks(takeover), []);
  t.same(dualAcks(without(takeover)), []);
  const back = [...takeover, ...acksOf(1, 10_000, 11_000, 5000)];
  t.same(dualAcks(back), [], 'a switchover back later on');
});

test('an old primary that goes on acknowledging is a second writer', async (t) => {
  const forked = [...takeover, ...acksOf(1, 1400, 1500, 101)];
  t.ok(dualAcks(forked).some(({ reason }) => reason === 'same sequence number'));
  t.ok(dualAcks(without(forked)).some(({ reason }) => reason === 'took turns'));
  t.match(problemsOf(seeing({ acks: forked })), [/acknowledgements of two servers at once/]);
});

test('one single acknowledgement of the old primary that does not follow the new one is found', async (t) => {
  const late: Ack = { server: 1, from: 6000, at: 6005, seq: 100_000 };
  const stray = [...takeover.filter(({ at }) => at < 6000), late, ...acksOf(2, 6100, 9000, 700)];
  t.match(dualAcks(stray)[0], { servers: [1, 2], reason: 'older than what was acknowledged before' });
});

test('an answer that was on its way when its server froze is not a second writer', async (t) => {
  const held: Ack = { server: 1, from: 990, at: 6000, seq: 100 };
  t.same(dualAcks([...takeover.filter(({ seq }) => seq !== 100), held]), []);
  t.same(dualAcks(without([...takeover, held])), []);
});

const read = (from: number, value: number, server = 1): CounterRead => ({
  ...{ kind: 'read', from, at: from + 2, value, server },
});
const add = (from: number, value: number, server = 1): CounterAdd => ({
  ...{ kind: 'add', from, at: from + 4, value, server },
});

test('a counter that goes back is told, with how old the value was', async (t) => {
  const sound = [add(0, 1), read(10, 1), add(20, 2), read(22, 1), read(30, 2)];
  t.same(staleReads(sound), [], 'a read beside an addition may see either');
  const stale = staleReads([...sound, add(40, 3, 2), read(300, 2)]);
  t.match(stale, [{ kind: 'read', value: 2, told: 3, staleMs: 256 }]);
  t.match(problemsOf({ counter: [...sound, add(40, 3, 2), read(300, 2)] }), [
    /1 reads were stale, by up to 256/,
  ]);
  t.same(problemsOf({ counter: [...sound, add(40, 3, 2), read(300, 2)] }, { staleMs: 700 }), []);
  const lostOne = problemsOf({ counter: [...sound, add(40, 2, 2)] }, { staleMs: 700 });
  t.match(lostOne, [/the counter went back 1 times/]);
});

test('the outage is the longest silence from the fault to the healing; a silence without end counts', async (t) => {
  const moments = { struckAt: 1000, relentAt: 4000, endAt: 9000 };
  t.same(outagesOf(takeover, moments), { outageMs: 310, outageFrom: 995, returnGapMs: 10 });
  t.same(outagesOf(takeover.slice(0, 100), moments), { outageMs: 8005, outageFrom: 995, returnGapMs: 0 });
  t.same(
    outagesOf(
      takeover.filter(({ at }) => at < 5000),
      moments,
    ),
    { outageMs: 310, outageFrom: 995, returnGapMs: 4005 },
  );
  t.match(problemsOf({}, { outageMs: 300 }), [/the outage was 310 ms, more than 300/]);
});

test('failovers that were not due, missing ones, and a pair that does not get whole are told', async (t) => {
  t.match(problemsOf({}, { failover: 'no' }), [/1 failovers, and none was due/]);
  const stayed = seeing({ acks: acksOf(1, 0, 9000), writerAcks: acksOf(1, 0, 9000) });
  t.match(problemsOf(stayed), [/0 failovers instead of one/]);
  t.match(problemsOf(seeing({ wholeAt: null })), [/15 s after its hosts were back the pair was not whole/]);
  t.match(problemsOf(seeing({ wholeAt: 30_000 })), [/whole only 25.9 s later/]);
  t.same(problemsOf(seeing({ wholeAt: 30_000 }), { backMs: 30_000 }), [], 'where it may take longer');
  const rested = seeing({ wholeAt: 60_000, statuses: [{ host: 'db2', at: 5000, status: RESTS }] });
  t.same(problemsOf(rested, { mayRest: true }), [], 'or the pair rests first');
  t.match(problemsOf(rested), [/whole only 55.9 s later/], 'which not every fault may lead to');
  t.match(problemsOf(seeing({ wholeAt: 60_000 }), { mayRest: true }), [/whole only 55.9 s later/]);
  t.match(problemsOf({}, { back: 'operator' }), [/although an operator has to decide/]);
  t.match(problemsOf({}, { meanwhile: 'down' }), [/rows were acknowledged while nobody may serve/]);
});

test('what else is promised: silence of the old primary, one holder of the VIP, nobody writable', async (t) => {
  t.same(silentAfter(500)(observed), []);
  const talking = { ...observed, acks: [...takeover, { server: 1, from: 1990, at: 2000 }] };
  t.match(silentAfter(500)({ ...talking, acks: talking.acks.sort((a, b) => a.at - b.at) }), [
    /1000 ms after/,
  ]);
  t.same(twoHoldersAtMost(0)(observed), []);
  const both = { ...observed, vip: [{ host: 'db1', from: 0, to: 1500 }, ...observed.vip.slice(1)] };
  t.match(twoHoldersAtMost(0)(both), [/two hosts showed the VIP for 300 ms/]);
  t.match(noVipFlap(observed), [/db2 took the VIP/]);
  t.same(nobodyWritableAfter(100)(observed), []);
  const sample = { kind: 'sample', node: 'db1', readOnly: false, from: 2000, at: 2001 } as const;
  t.match(nobodyWritableAfter(100)({ ...observed, samples: [sample] }), [/db1 answered as writable/]);
  const told = (...errors: string[]) => ({
    ...observed,
    refusals: errors.map((error) => ({ at: 1500, error })),
  });
  const again = ['ER_OPTION_PREVENTS_STATEMENT', 'connect: EHOSTUNREACH', 'connect: no answer within 300 ms'];
  t.same(onlyRetryable(told(...again)), []);
  t.match(
    onlyRetryable(told('ER_DUP_ENTRY', 'connect: ER_ACCESS_DENIED_ERROR', 'no answer within 2000 ms')),
    [...[/ER_DUP_ENTRY/, /ER_ACCESS_DENIED_ERROR/, /no answer/]],
  );
});

test('two writable nodes are told by how long both were for certain', async (t) => {
  const sample = (node: string, from: number, readOnly: boolean | null): NodeSample => ({
    ...{ kind: 'sample', node, from, at: from + 1, readOnly },
  });
  const every20 = (node: string, from: number, to: number, readOnly: boolean) =>
    Array.from({ length: (to - from) / 20 }, (_, index) => sample(node, from + index * 20, readOnly));
  const handover = [
    ...every20('db1', 0, 400, false),
    ...every20('db2', 0, 400, true),
    ...every20('db2', 405, 800, false),
  ];
  t.equal(twoWritableMs(handover), 0);
  const both = [...every20('db1', 0, 600, false), ...every20('db2', 405, 800, false)];
  const found = twoWritableMs(both);
  t.ok(found > 150 && found < 176, 'the 175 ms in which both are, less what lies between two answers');
  t.equal(
    twoWritableMs([...every20('db1', 0, 600, false), sample('db2', 405, false), sample('db2', 800, false)]),
    0,
  );
  t.match(problemsOf(seeing({ samples: both })), [/both hosts were writable for \d+ ms/]);
});

test('the logs of both hosts make one timeline, a guard in the words of its table', async (t) => {
  const zero = new Date('2026-11-22T20:14:40.000').getTime();
  const guard = JSON.stringify({
    name: 'guard',
    row: 'S5',
    from: 'READY',
    to: 'PROMOTING',
    msg: 'It is silent.',
  });
  const logs = [
    {
      host: 'db1',
      text: `Nov 22 20:14:40.517750 node[609]: ${guard}\nNov 22 20:14:41.222178 Keepalived_vrrp[3]: MASTER\n`,
    },
    {
      host: 'db2',
      text: 'Nov 22 20:14:40.117000 systemd[1]: mariadb.service: killed\nNov 22 20:15:40.000000 node[1]: {}\n',
    },
  ];
  t.same(timelineOf(logs, { zero, from: zero, to: zero + 2000 }), [
    '   117 ms  db2  systemd: mariadb.service: killed',
    '   518 ms  db1  guard: S5 READY > PROMOTING It is silent.',
    '  1222 ms  db1  Keepalived_vrrp: MASTER',
  ]);
});
