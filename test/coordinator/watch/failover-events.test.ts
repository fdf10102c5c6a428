import { test } from 'tap';
import type { NewEvent } from '../../../coordinator/store/event-log.ts';
import { decideEvents } from '../../../coordinator/watch/failover-events.ts';
import { HOST_ROWS } from '../../../coordinator/watch/host-rows.ts';
import { initialHostState } from '../../../coordinator/watch/host-state.ts';
import { PAIR_ROWS } from '../../../coordinator/watch/pair-rows.ts';
import {
  awaitTurn,
  hearPair,
  initialPairState,
  type PairState,
  tickPair,
} from '../../../coordinator/watch/pair-state.ts';
import { RECALLED_KINDS, recallPairState } from '../../../coordinator/watch/recall.ts';
import type { Heartbeat } from '../../../shared/model/facts.ts';
import {
  type HeartbeatWish,
  makeHeartbeat,
  makeVoting,
  serverDown,
  VIP,
} from '../../support/make-heartbeat.ts';

type Name = 'db1' | 'db2';

/** A pair under a clock of its own: what is heard of whom, and the events so far. */
function watch(start?: PairState) {
  let state =
    start ?? initialPairState('orders', VIP, [initialHostState('db1', 0), initialHostState('db2', 0)], 0);
  const events: NewEvent[] = [];
  const step = (after: PairState): void => {
    events.push(...decideEvents(state, after));
    state = after;
  };
  return {
    hear: (at: number, heartbeat: Heartbeat) => step(hearPair(state, heartbeat.host, heartbeat, at)),
    tick: (at: number) => step(tickPair(state, at)),
    /** Healthy heartbeats of both once a second; `wishes` by host, null = silent. */
    beats(from: number, to: number, wishes: Partial<Record<Name, HeartbeatWish | null>> = {}) {
      for (let at = from; at <= to; at += 1000) {
        for (const [index, name] of (['db1', 'db2'] as const).entries()) {
          const wish = wishes[name];
          const time = at + index * 300;
          if (wish !== null) step(hearPair(state, name, makeHeartbeat(name, { ...wish, time }), time));
        }
        step(tickPair(state, at + 500));
      }
    },
    /** The events since the last call as "row Kind host". */
    take: () => events.splice(0).map((event) => `${event.data?.['row']} ${event.kind} ${event.host ?? '-'}`),
    events,
    state: () => state,
  };
}

test('a host that waits for its turn to be dialled is not silent yet', async (t) => {
  const start = initialPairState('orders', VIP, [initialHostState('db1', 0), initialHostState('db2', 0)], 0);
  const scene = watch(awaitTurn(start, new Set(['db2']), 10_000));
  scene.tick(10_000);
  t.same(scene.take(), ['A1 AgentLost db1']);
  scene.tick(13_000);
  t.same(scene.take(), []);
  scene.tick(13_001);
  t.same(scene.take(), ['A1 AgentLost db2']);
});

function healthy() {
  const scene = watch();
  scene.beats(0, 4000);
  scene.take();
  return scene;
}

test('the first pictures of a healthy pair say where the VIP is and who is what, and then nothing', async (t) => {
  const scene = watch();
  scene.beats(0, 10_000);
  t.same(scene.take(), [
    'V3 VipMoved db1',
    'M2 ProtectionRestored -',
    'R1 RoleChanged db1',
    'R1 RoleChanged db2',
  ]);
});

test('protection: SOLO and SYNC are told once each, with the time between', async (t) => {
  const scene = healthy();
  const solo = { guard: { voting: makeVoting(true, { mode: 'solo', epoch: 8 }) } };
  scene.beats(5000, 8000, { db1: solo, db2: null });
  t.same(
    scene.take().filter((event) => event.startsWith('M')),
    ['M1 ProtectionLost -'],
  );
  const sync = { guard: { voting: makeVoting(true, { mode: 'sync', epoch: 9 }) } };
  scene.beats(9000, 11_000, { db1: sync, db2: {} });
  t.match(
    scene.events.filter(({ kind }) => kind === 'ProtectionRestored'),
    [{ data: { from: 'solo', soloMs: 4000 }, message: /after 4.0 s without/ }],
  );
});

test('an older record of a host that was away says nothing about protection', async (t) => {
  const scene = healthy();
  const solo = { guard: { voting: makeVoting(false, { mode: 'solo', epoch: 6 }) } };
  scene.beats(5000, 8000, { db2: solo });
  t.same(scene.take(), []);
});

test('hosts without hotpair: nothing but the silence of agents is an event', async (t) => {
  const scene = watch();
  const bare = {
    vip: false,
    guard: null,
    channel: null,
    units: { 'hotpair-guard.service': 'absent', 'keepalived.service': 'absent' },
  };
  scene.beats(0, 10_000, { db1: { ...bare, primary: false }, db2: null });
  t.same(scene.take(), ['A1 AgentLost db2']);
});

test('the server on the primary dies: down, VIP moved with its gap, roles; then the return', async (t) => {
  const scene = healthy();
  scene.hear(5000, makeHeartbeat('db1', { time: 5000 }));
  scene.hear(5300, makeHeartbeat('db2', { time: 5300 }));
  // Killed at 5400; the guard denies at 5405, db2 is open and has the VIP at 5700.
  scene.hear(6000, serverDown('db1', { vip: false, time: 6000, guard: { since: 5405 } }));
  const promoted = { role: 'primary', since: 5700, lastPromotion: { open: 9, vip: 80 } } as const;
  scene.hear(
    6300,
    makeHeartbeat('db2', {
      primary: true,
      time: 6300,
      guard: promoted,
      channel: { ioRunning: 'Connecting', ioErrno: 2003, ioError: 'cannot connect' },
    }),
  );
  t.same(scene.events[1]?.data, {
    row: 'V1',
    from: 'db1',
    to: 'db2',
    gapMs: 295,
    gapFrom: 'guards',
    began: 5405,
    ended: 5700,
    told: { began: { at: 5405, by: 'guard' }, ended: { at: 5700, by: 'guard' } },
  });
  t.equal(scene.events[1]?.message, `The VIP ${VIP} moved from db1 to db2; nobody had it for 295 ms.`);
  t.same(scene.take(), ['S1 ServerDown db1', 'V1 VipMoved db2', 'R1 RoleChanged db2']);
  const connecting = { primary: true, guard: promoted, channel: { ioRunning: 'Connecting' } } as const;
  for (const at of [7000, 8000, 9000]) {
    scene.hear(at, serverDown('db1', { vip: false, time: at, guard: { since: 5405 } }));
    scene.hear(at + 300, makeHeartbeat('db2', { ...connecting, time: at + 300 }));
  }
  scene.hear(10_000, makeHeartbeat('db1', { primary: false, time: 10_000, database: { uptimeSeconds: 1 } }));
  scene.hear(10_300, makeHeartbeat('db2', { primary: true, time: 10_300, guard: promoted }));
  t.same(scene.take(), [
    'P2 ReplicationBroken db2',
    'S2 ServerUp db1',
    'R1 RoleChanged db1',
    'P4 ReplicationHealthy db2',
  ]);
});

test('host power loss: the gap is bounded by the last heartbeat, and the agent is lost later', async (t) => {
  const scene = healthy();
  scene.hear(5000, makeHeartbeat('db2', { primary: true, time: 5000, guard: { since: 4909 } }));
  t.same(scene.take(), ['R1 RoleChanged db2'], 'the next heartbeat of db1 is not overdue yet');
  scene.tick(5600);
  t.match(scene.events[0]?.data, { gapMs: 909, gapFrom: 'heartbeats' });
  t.match(scene.events[0]?.message, /at most 909 ms/);
  t.same(scene.take(), ['V1 VipMoved db2']);
  scene.hear(6900, makeHeartbeat('db2', { primary: true, time: 6900 }));
  scene.tick(7100);
  t.same(scene.take(), ['A1 AgentLost db1']);
  scene.hear(7500, makeHeartbeat('db1', { primary: false, time: 7500 }));
  t.same(scene.take(), ['A2 AgentBack db1', 'R1 RoleChanged db1']);
});

test('an agent that restarts within 3 s is no event; a longer silence is one, with its length', async (t) => {
  const scene = healthy();
  scene.beats(5000, 6000, { db1: null });
  scene.beats(7000, 9000);
  t.same(scene.take(), []);
  scene.beats(10_000, 14_000, { db2: null });
  scene.beats(15_000, 16_000);
  t.match(scene.events[1]?.message, /db2 is back after 6\.0 s/);
  t.same(scene.take(), ['A1 AgentLost db2', 'A2 AgentBack db2']);
});

test('both agents silent: nothing is claimed about VIP, servers and roles', async (t) => {
  const scene = healthy();
  scene.tick(30_000);
  t.same(scene.take(), ['A1 AgentLost db1', 'A1 AgentLost db2']);
  scene.beats(31_000, 35_000);
  t.same(scene.take(), ['A2 AgentBack db1', 'A2 AgentBack db2']);
});

test('a move seen at two moments is not a duplicate', async (t) => {
  const scene = healthy();
  scene.hear(5000, makeHeartbeat('db1', { time: 5000 }));
  scene.hear(5100, makeHeartbeat('db2', { primary: true, time: 5100 }));
  scene.hear(6000, makeHeartbeat('db1', { primary: false, time: 6000 }));
  scene.hear(6100, makeHeartbeat('db2', { primary: true, time: 6100 }));
  const kinds = scene.events.map((event) => event.kind);
  t.notOk(kinds.includes('VipDuplicated') || kinds.includes('WritersDuplicated'), kinds.join(' '));
  t.ok(kinds.includes('VipMoved'));
});

test('two hosts with the VIP and two writers, and their end', async (t) => {
  const scene = healthy();
  scene.beats(5000, 8000, { db2: { primary: true } });
  t.same(scene.take(), ['R1 RoleChanged db2', 'V4 VipDuplicated -', 'W1 WritersDuplicated -']);
  scene.beats(9000, 10_000, { db1: { primary: false }, db2: { primary: true } });
  t.same(scene.take().sort(), [
    'R1 RoleChanged db1',
    'V1 VipMoved db2',
    'V6 VipRestored db2',
    'W2 WritersRestored -',
  ]);
});

test('nobody has the VIP: only after longer than a failover takes, and back', async (t) => {
  const scene = healthy();
  scene.beats(5000, 7000, { db1: { vip: false } });
  t.same(scene.take(), [], 'not yet');
  scene.beats(8000, 10_000, { db1: { vip: false } });
  t.match(scene.events[0]?.message, /No host that answers holds the VIP.*db1 had it last/);
  t.same(scene.take(), ['V5 VipMissing -']);
  scene.beats(11_000, 12_000);
  t.match(scene.events[0], {
    message: /on db1 alone again; nobody had it for at most 7\.0 s\.$/,
    data: { missingMs: 7000, began: 4000, ended: 11_000 },
  });
  t.same(scene.take(), ['V6 VipRestored db1']);
});

test('the holder is unreachable and the other does not take over: missing, and said so', async (t) => {
  const scene = healthy();
  scene.beats(5000, 12_000, { db1: null, db2: { channel: { ioRunning: 'Connecting' } } });
  t.match(
    scene.events.find(({ kind }) => kind === 'VipMissing')?.message,
    /db1 had it last and is not reachable/,
  );
  t.same(scene.take(), ['A1 AgentLost db1', 'P2 ReplicationBroken db2', 'V5 VipMissing -']);
  scene.beats(13_000, 14_000);
  t.match(
    scene.events.find(({ kind }) => kind === 'VipRestored')?.data,
    { missingMs: null },
    'nobody knows for how long',
  );
});

test('only the agent of the holder is gone: its standby still replicates from it, so the VIP is not missed', async (t) => {
  const scene = healthy();
  scene.beats(5000, 15_000, { db1: null });
  scene.beats(16_000, 17_000);
  t.same(scene.take(), ['A1 AgentLost db1', 'A2 AgentBack db1']);
});

test('conditions that look bad for a moment are not events; those that last are', async (t) => {
  const rows: [string, HeartbeatWish, string, string][] = [
    [
      'keepalived',
      { units: { 'keepalived.service': 'activating' } },
      'K1 KeepalivedDown db2',
      'K2 KeepalivedUp db2',
    ],
    ['guard', { guard: null }, 'G1 GuardDown db2', 'G2 GuardUp db2'],
    ['server', { database: { up: false } }, 'S1 ServerDown db2', 'S2 ServerUp db2'],
    [
      'SQL thread',
      { channel: { sqlRunning: false } },
      'P1 ReplicationBroken db2',
      'P4 ReplicationHealthy db2',
    ],
    ['IO thread', { channel: { ioRunning: 'No' } }, 'P1 ReplicationBroken db2', 'P4 ReplicationHealthy db2'],
    ['no channel', { channel: null }, 'P1 ReplicationBroken db2', 'P4 ReplicationHealthy db2'],
    ['lag', { channel: { secondsBehind: 30 } }, 'P3 ReplicationLagging db2', 'P4 ReplicationHealthy db2'],
  ];
  for (const [what, wish, down, up] of rows) {
    const scene = healthy();
    scene.beats(5000, 5000, { db2: wish });
    scene.beats(6000, 8000);
    t.same(scene.take(), [], `${what}: one heartbeat`);
    scene.beats(9000, 14_000, { db2: wish });
    t.same(scene.take(), [down], `${what}: lasting`);
    scene.beats(15_000, 16_000);
    t.same(scene.take(), [up], `${what}: over`);
  }
});

test('replication that needs somebody says the server’s own words', async (t) => {
  const scene = healthy();
  const channel = { sqlRunning: false, sqlErrno: 1062, sqlError: "Duplicate entry '7' for key 'PRIMARY'." };
  scene.beats(5000, 9000, { db2: { channel } });
  t.equal(
    scene.events[0]?.message,
    "db2 does not replicate from db1: Slave_SQL_Running is No (error 1062: Duplicate entry '7' for key 'PRIMARY').",
  );
});

test('lag around the limit does not flap', async (t) => {
  const scene = healthy();
  for (let at = 5000; at < 60_000; at += 1000)
    scene.beats(at, at, { db2: { channel: { secondsBehind: at < 10_000 || at % 2000 === 0 ? 12 : 8 } } });
  t.same(scene.take(), ['P3 ReplicationLagging db2']);
});

test('a server that restarted between two heartbeats is told by its uptime', async (t) => {
  const scene = healthy();
  scene.beats(5000, 5000, { db2: { database: { uptimeSeconds: 0 } } });
  t.same(scene.take(), ['S3 ServerDown db2', 'S4 ServerUp db2']);
});

test('a restart of which one heartbeat saw the middle is told by the uptime, too', async (t) => {
  const scene = healthy();
  scene.hear(
    5000,
    serverDown('db2', {
      time: 5000,
      guard: { role: 'standby' },
      units: { 'mariadb.service': 'deactivating' },
    }),
  );
  t.same(scene.take(), [], 'one heartbeat without an answer says nothing yet');
  scene.beats(6000, 6000, { db2: { database: { uptimeSeconds: 0 } } });
  t.same(scene.take(), ['S3 ServerDown db2', 'S4 ServerUp db2']);
});

test('clocks of the hosts may differ: the gap is counted on one clock', async (t) => {
  const scene = watch();
  const ahead = 3_600_000;
  const db1 = (at: number, more: HeartbeatWish = {}) => makeHeartbeat('db1', { ...more, time: at + ahead });
  const db2 = (at: number, more: HeartbeatWish = {}) => makeHeartbeat('db2', { ...more, time: at - ahead });
  for (const at of [1000, 2000, 3000]) {
    scene.hear(at, db1(at));
    scene.hear(at + 10, db2(at + 10));
  }
  scene.take();
  scene.hear(4000, serverDown('db1', { vip: false, time: 4000 + ahead, guard: { since: 3200 + ahead } }));
  scene.hear(4010, db2(4010, { primary: true, guard: { since: 3550 - ahead } }));
  t.match(scene.events[1]?.data, { gapMs: 350, gapFrom: 'guards' });
});

test('a heartbeat that was long on its way counts for when it was taken', async (t) => {
  const scene = healthy();
  scene.hear(5900, makeHeartbeat('db1', { time: 5000 }));
  scene.hear(5950, makeHeartbeat('db2', { primary: true, time: 5940, guard: { since: 5930 } }));
  scene.hear(6010, makeHeartbeat('db1', { primary: false, time: 6000 }));
  t.match(scene.events.find((event) => event.kind === 'VipMoved')?.data, {
    gapMs: 930,
    gapFrom: 'heartbeats',
  });
});

test("the coordinator's own clock was set: the history is told by it, and lengths stay", async (t) => {
  const scene = healthy();
  const before = scene.state();
  const after = hearPair(before, 'db1', makeHeartbeat('db1', { primary: false, time: 5000 }), 5000);
  const moved = makeHeartbeat('db2', { primary: true, time: 5300, guard: { since: 4900 } });
  const events = decideEvents(after, hearPair(after, 'db2', moved, 5300), 3_600_000);
  t.match(events.find(({ kind }) => kind === 'VipMoved')?.data, {
    ...{ gapMs: 900, began: 3_604_000, ended: 3_604_900 },
  });
});

test('a clock of a host that is set back by an hour does not stop the watch', async (t) => {
  const scene = healthy();
  const back = 3_600_000;
  for (const at of [5000, 6000, 7000]) {
    scene.hear(at, makeHeartbeat('db1', { time: at - back }));
    scene.hear(at + 10, makeHeartbeat('db2', { time: at + 10 }));
  }
  scene.hear(8000, serverDown('db1', { vip: false, time: 8000 - back, guard: { since: 7200 - back } }));
  scene.hear(8010, makeHeartbeat('db2', { primary: true, time: 8010, guard: { since: 7500 } }));
  t.match(scene.events.find((event) => event.kind === 'VipMoved')?.data, { gapMs: 300, gapFrom: 'guards' });
});

test('a restart of the daemon: what changed meanwhile is told, the rest is not told again', async (t) => {
  const first = watch();
  first.beats(0, 4000);
  first.beats(5000, 9000, { db2: { units: { 'keepalived.service': 'failed' } } });
  const history = first.events
    .filter((event) => RECALLED_KINDS.includes(event.kind))
    .map((event, id) => ({ id, time: 0, host: null, data: {}, ...event }));
  const again = (wishes: Parameters<typeof first.beats>[2]) => {
    const scene = watch(recallPairState('orders', VIP, ['db1', 'db2'], history, 100_000));
    scene.beats(100_000, 105_000, wishes);
    return scene;
  };
  t.same(again({ db2: { units: { 'keepalived.service': 'failed' } } }).take(), [], 'as it was');
  t.same(again({}).take(), ['K2 KeepalivedUp db2']);
  const moved = again({ db1: { primary: false }, db2: { primary: true } });
  t.match(
    moved.events.find((event) => event.kind === 'VipMoved'),
    { data: { row: 'V2', from: 'db1', gapMs: null } },
  );
  t.same(moved.take().sort(), [
    'K2 KeepalivedUp db2',
    'R1 RoleChanged db1',
    'R1 RoleChanged db2',
    'V2 VipMoved db2',
  ]);
});

test('files that somebody changes are told once a change, and their return', async (t) => {
  const scene = healthy();
  const path = '/etc/keepalived/keepalived.conf';
  const drifted = (stamp: string): HeartbeatWish => ({
    rest: { drift: [{ path, how: 'content', stamp }] },
  });
  scene.beats(5000, 9000, { db2: drifted('a') });
  t.match(scene.events, [
    { kind: 'ConfigDrift', host: 'db2', message: `On db2, not as deployed: ${path} has other content.` },
  ]);
  const history = scene.events.map((event, id) => ({ id, time: 0, host: null, data: {}, ...event }));
  t.same(scene.take(), ['C1 ConfigDrift db2']);
  scene.beats(10_000, 11_000, { db2: drifted('b') });
  t.same(scene.take(), ['C1 ConfigDrift db2'], 'another change of the same file');
  scene.beats(12_000, 13_000);
  t.match(scene.events, [{ data: { files: [path] } }]);
  t.same(scene.take(), ['C2 ConfigRestored db2']);

  const again = watch(recallPairState('orders', VIP, ['db1', 'db2'], history, 0));
  again.beats(0, 2000, { db2: drifted('a') });
  t.notOk(
    again.take().some((event) => event.startsWith('C')),
    'a daemon that starts anew knows of it',
  );
  again.beats(3000, 3000);
  t.same(again.take(), ['C2 ConfigRestored db2']);
});

test('every row has an id of its own, a reason and a sentence', async (t) => {
  const rows = [...HOST_ROWS, ...PAIR_ROWS];
  t.equal(new Set(rows.map((row) => row.id)).size, rows.length);
  for (const row of rows) t.match(row.reason, /^[A-Z].*\.$/, row.id);
});
