import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'tap';
import { outageOf } from '../../../coordinator/api/outages.ts';
import type { StoredDecision } from '../../../coordinator/store/decisions.ts';
import type { EventKind } from '../../../coordinator/store/event-kinds.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { MIGRATIONS } from '../../../coordinator/store/migrations.ts';
import type { OutageView } from '../../../shared/api/history.ts';
import type { GuardDecision } from '../../../shared/model/guard-decision.ts';
import { ROWS } from '../../../shared/pair/table.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { serveApi } from '../../support/serve-api.ts';

type Told = readonly [second: number, host: string | null, kind: EventKind, data?: Record<string, unknown>];
type Decided = readonly [second: number, host: string, row: string, wish?: Partial<GuardDecision>];

const MOVED = { from: 'db1', to: 'db2', gapMs: 400 };
const MOVE: Told = [10, 'db2', 'VipMoved', MOVED];

/** The outages of the events, each judged by all of them and by the decisions. */
function outagesOf(told: readonly Told[], decided: readonly Decided[] = []): OutageView[] {
  const events = told.map(
    ([second, host, kind, data = {}], index): StoredEvent => ({
      ...{ id: index + 1, time: second * 1000, pair: 'orders', host, kind, message: kind, data },
    }),
  );
  const decisions = decided.map(([second, host, row, wish], index): StoredDecision => {
    const from = row === 'N2' ? 'DRAINING' : 'PRIMARY_SYNC';
    const decision = decisionOf(`1-${index + 1}`, { row, from, reason: `Reason of ${row}.`, ...wish });
    return { host, time: second * 1000, decision };
  });
  return events.flatMap((event) => outageOf(event, events, decisions) ?? []);
}

type Case = readonly [cause: OutageView['cause'], told: readonly Told[], decided?: readonly Decided[]];

const CASES: Readonly<Record<string, Case>> = {
  'a killed server': ['server-down', [[9, 'db1', 'ServerDown'], MOVE]],
  'a server that was back before a heartbeat met it': [
    'server-down',
    [[9, 'db1', 'ServerDown'], [9.1, 'db1', 'ServerUp'], MOVE, [11, 'db1', 'RoleChanged', { to: 'standby' }]],
    [
      [9, 'db1', 'P1'],
      [9.2, 'db1', 'F2', { from: 'FENCED' }],
    ],
  ],
  'a server that died after it had been opened again': [
    'server-down',
    [MOVE],
    [
      [2, 'db1', 'P3'],
      [9, 'db1', 'P1'],
    ],
  ],
  'a host that is silent only afterwards': ['host-lost', [MOVE, [13, 'db1', 'AgentLost']]],
  'a host that was cut off, by its own word once it is back': [
    'isolated',
    [MOVE, [13, 'db1', 'AgentLost']],
    [[9, 'db1', 'P3']],
  ],
  'a full disk': ['disk-full', [MOVE], [[9, 'db1', 'P7']]],
  'a keepalived that is gone': ['address-lost', [MOVE], [[9, 'db1', 'P8']]],
  'a switchover of which only events are known, soon after a silence that was over': [
    'planned',
    [[1, 'db1', 'AgentLost'], [5, 'db1', 'AgentBack'], MOVE, [10, 'db1', 'RoleChanged', { to: 'standby' }]],
  ],
  'a switchover, after which the server died': [
    'planned',
    [[9.9, 'db1', 'ServerDown'], MOVE],
    [
      [9, 'db1', 'N2'],
      [9.5, 'db1', 'P1', { from: 'DRAINING' }],
    ],
  ],
  'a server that is held down': ['planned', [MOVE], [[9, 'db1', 'P1', { facts: { held: true } }]]],
  'an operator who fenced the host': ['planned', [MOVE], [[9, 'db1', 'X1']]],
  'a drill': ['drill', [[8, 'db1', 'DrillStarted'], [9, 'db1', 'ServerDown'], MOVE], [[9, 'db1', 'P1']]],
  'trouble of the other host only': ['unknown', [[9, 'db2', 'ServerDown'], MOVE], [[9, 'db2', 'P1']]],
  'a host that became a standby, of which the guard says nothing': [
    'unknown',
    [MOVE, [10, 'db1', 'RoleChanged', { to: 'standby' }]],
    [[9, 'db2', 'S5', { from: 'STANDBY_READY' }]],
  ],
  'what the guard decided long before, and what it decided when the VIP had moved': [
    'unknown',
    [MOVE],
    [
      [-30, 'db1', 'P1'],
      [12, 'db1', 'P2'],
    ],
  ],
};

test("an outage is told with its cause, from the guard's decisions and what happened to the host", (t) => {
  for (const [name, [cause, told, decided]] of Object.entries(CASES)) {
    const outages = outagesOf(told, decided);
    t.match(outages, [{ from: 'db1', to: 'db2', ended: 10_000, cause }], name);
    t.equal(outages.length, 1);
  }
  t.same(outagesOf([[1, 'db1', 'VipMoved', { from: null, to: 'db1', gapMs: null }]]), [], 'a first sight');
  const phases = { vote: 3, total: 9 };
  const [withPhases] = outagesOf(
    [MOVE, [11, 'db2', 'RoleChanged', { to: 'primary', phases }]],
    [[9, 'db1', 'P1']],
  );
  t.same(withPhases?.phases, phases);
  t.same(withPhases?.because, { host: 'db1', time: 9000, row: 'P1', reason: 'Reason of P1.' });
  t.end();
});

/** The node goes on by itself, or follows the other one, which is not why it stopped. */
const NO_CAUSE = ['P5', 'N4', 'F0', 'F1', 'F2'];

test('every row of the table by which a primary stops serving is a cause', (t) => {
  const serving = ['PRIMARY_SYNC', 'PRIMARY_SOLO', 'DRAINING'];
  const stops = ROWS.filter(
    ({ from, to }) =>
      from.some((phase) => serving.includes(phase)) && to.some((phase) => !serving.includes(phase)),
  );
  t.ok(stops.length > 6);
  for (const { id, from } of stops.filter(({ id }) => !NO_CAUSE.includes(id))) {
    const phase = from.find((one) => serving.includes(one)) ?? '';
    t.match(outagesOf([MOVE], [[9, 'db1', id, { from: phase }]]), [{ because: { row: id } }], id);
  }
  t.end();
});

test('an outage is listed when it ended, and told anew when the guard of the host is heard', async (t) => {
  const { agents, store, ask } = await serveApi(t);
  const now = Date.now();
  store.events.append({
    ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'moved' },
    data: MOVED,
  });
  const listed = (cause: string): Promise<unknown> =>
    waitFor(
      `an outage, ${cause}`,
      async () => {
        const { outages } = (await ask('/v1/pairs/orders/outages')).json as { outages: OutageView[] };
        return outages.some((one) => one.cause === cause) ? outages : undefined;
      },
      { deadlineMs: 20_000 },
    );
  t.match(await listed('unknown'), [{ from: 'db1', to: 'db2', gapMs: 400, because: null }]);
  agents.decided('db1', [
    decisionOf('9-1', { at: now - 500, row: 'P1', from: 'PRIMARY_SYNC', to: 'FENCED' }),
  ]);
  const voting = makeVoting(true, { decision: '9-1' });
  agents.say('db1', (time) => makeHeartbeat('db1', { time, guard: { voting } }));
  t.match(await listed('server-down'), [{ because: { host: 'db1', row: 'P1' } }]);
});

test('outages that ended before anybody kept them are listed, and go with their events', async (t) => {
  const { store, ask, restart, stop } = await serveApi(t);
  await stop();
  for (let hour = 3; hour > 0; hour -= 1)
    store.events.append({
      ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'moved' },
      ...{ data: MOVED, time: Date.now() - hour * 3_600_000 },
    });
  await restart();
  const { outages } = (await ask('/v1/pairs/orders/outages?limit=2')).json as { outages: OutageView[] };
  t.equal(outages.length, 2);
  t.ok((outages[0]?.ended ?? 0) > (outages[1]?.ended ?? 0), 'newest first');
  store.prune({ events: 1, decisions: 1 });
  t.same(store.outages.list('orders', 0, 10), []);
});

test('outages that an older version kept are written anew, with what is told of them now', async (t) => {
  const { agents, store, ask, restart, stop } = await serveApi(t);
  await stop();
  const { id } = store.events.append({
    ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'moved' },
    data: MOVED,
  });
  const file = new DatabaseSync(join(agents.data, 'hotpair.db'));
  file.exec(`INSERT INTO outages (event, pair, ended, data) VALUES (${id}, 'orders', ${Date.now()}, '{}')`);
  file.exec(`PRAGMA user_version=${MIGRATIONS.length - 1}`);
  file.close();
  await restart();
  const { outages } = (await ask('/v1/pairs/orders/outages')).json as { outages: OutageView[] };
  t.match(outages, [{ id, gapMs: 400, gapFrom: 'heartbeats' }]);
});

test('a role that was told before the guard had its figures: the phases come from the decisions', async (t) => {
  const role = (phases: unknown): Told => [10.2, 'db2', 'RoleChanged', { to: 'primary', phases }];
  const decided: readonly Decided[] = [
    [9, 'db2', 'S5', { clock: 1000 }],
    [9.1, 'db2', 'T5', { clock: 1100 }],
    [9.2, 'db2', 'O4', { clock: 1250 }],
  ];
  t.same(outagesOf([MOVE, role(null)], decided)[0]?.phases, { vote: 100, open: 150, total: 250 });
  t.same(outagesOf([MOVE, role({ vote: 1, total: 1 })], decided)[0]?.phases, { vote: 1, total: 1 });
  t.equal(outagesOf([MOVE, role(null)], decided.slice(0, 2))[0]?.phases, null, 'not opened, no takeover');
});
