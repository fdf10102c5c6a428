/**
 * One random schedule: the pair comes up, faults come and go, everything is healed, and then a writable primary, and later
 * SYNC, must be back within a bound. The seed decides everything.
 */

import { NODES, type NodeId, peerOf, VOTERS } from '../../shared/pair/weights.ts';
import type { Violation } from './checks.ts';
import type { Flaw } from './flaw.ts';
import type { Random } from './random.ts';
import { World } from './world.ts';

const START_MS = 5_000;
const ROUNDS = 4;
const HEALTHY_WITHIN_MS = 12_000;
/** A machine that stood still with its clock may look open for the rest of its lease. */
const LEASES_END_MS = 1_000;
/** A healed cluster of three has a serving primary, and then SYNC, within these bounds. */
const PRIMARY_WITHIN_MS = 24_000;
const SYNC_WITHIN_MS = 36_000;
const SWITCHOVER_WITHIN_MS = 700;
const JOINED_WITHIN_MS = 3_000;
const FAILOVER_WITHIN_MS = 3_000;

export interface ScheduleResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
}

interface Fault {
  readonly name: string;
  /** Begins it for so many ms; undoing it is planned at once. */
  readonly strike: (world: World, node: NodeId, ms: number, random: Random) => void;
}

/** `only`: names of the faults to choose from. */
export function runSchedule(
  seed: number,
  flaw: Flaw = {},
  trace?: (line: string) => void,
  only?: readonly string[],
): ScheduleResult {
  const world = new World({ seed, flaw, ...(trace === undefined ? {} : { trace }) });
  const { random, checks } = world;
  world.runUntil(START_MS);
  world.nemesis = true;
  world.network.loss = random.chance(0.2) ? random.between(0, 0.3) : 0;
  world.network.slow = random.chance(0.2) ? random.between(0, 0.7) : 0;
  for (let round = 0; round < ROUNDS; round++)
    strikeOnce(
      world,
      only === undefined ? FAULTS : [...FAULTS, FORCE].filter(({ name }) => only.includes(name)),
      trace,
    );
  heal(world);
  settle(world);
  return {
    seed,
    violations: checks.violations,
    steps: world.steps,
    virtualMs: Math.round(world.now),
    acknowledged: checks.acknowledged.length,
  };
}

/** Faults hit a healthy pair most of the time: a few of them close together, now and then before all is well again. */
function strikeOnce(world: World, faults: readonly Fault[], trace?: (line: string) => void): void {
  const { random } = world;
  world.runUntil(world.now + random.between(500, HEALTHY_WITHIN_MS), () => isHealthy(world));
  world.runUntil(world.now + random.between(0, 1_000));
  const spread = random.between(100, 3_000);
  let end = world.now;
  for (let count = random.pick([1, 2, 2, 3, 4]); count > 0; count--)
    end = Math.max(end, planFault(world, random.pick(faults), world.now + random.between(0, spread), trace));
  world.runUntil(end);
}

/** When it is over. */
function planFault(world: World, fault: Fault, at: number, trace?: (line: string) => void): number {
  const { random } = world;
  const node = random.pick(['A', 'B']);
  const ms = random.chance(0.2) ? random.between(2_000, 13_000) : random.between(50, 2_000);
  world.timeline.at(at, () => {
    trace?.(`${Math.round(at)} FAULT ${fault.name} ${node} ${Math.round(ms)} ms`);
    fault.strike(world, node, ms, random);
  });
  // Faults of two parts end a little later.
  return at + ms + 6_000;
}

function isHealthy(world: World): boolean {
  const phases = NODES.map((id) => world.hosts[id].guard?.phase);
  return phases.includes('PRIMARY_SYNC') && phases.includes('STANDBY_READY');
}

/** Faults undo themselves before this; what may still be down comes back. */
function heal(world: World): void {
  world.nemesis = false;
  world.network.loss = 0;
  world.network.slow = 0;
  world.startWitness();
  for (const id of NODES) {
    world.hosts[id].hostDown = false;
    world.startGuard(id);
    world.command(id, { kind: 'off' });
  }
}

function settle(world: World): void {
  const { checks } = world;
  const serving = (): NodeId | undefined => NODES.find((id) => world.isServing(id));
  world.runUntil(world.now + LEASES_END_MS);
  world.runUntil(world.now + PRIMARY_WITHIN_MS, () => serving() !== undefined && isAcknowledging(world));
  const primary = serving();
  if (primary === undefined) {
    checks.report('no-primary', world.now, phases(world));
    return;
  }
  if (!untilSync(world)) return;
  if (world.random.chance(0.5) && !switchOver(world)) return;
  failOver(world);
}

/** False when a person has to repair a node first, which faults of several kinds at once may end in. */
function untilSync(world: World): boolean {
  const { checks } = world;
  const synced = (): boolean =>
    NODES.some((id) => world.hosts[id].guard?.phase === 'PRIMARY_SYNC' && world.isServing(id));
  const needsRepair = (): boolean => NODES.some((id) => world.hosts[id].guard?.phase === 'NEEDS_REPAIR');
  world.runUntil(world.now + SYNC_WITHIN_MS, () => synced() || needsRepair());
  if (!synced() && !needsRepair()) checks.report('never-sync-again', world.now, phases(world));
  world.runUntil(world.now + LEASES_END_MS);
  for (const id of NODES) {
    const { database } = world.hosts[id];
    const other = world.hosts[peerOf(id)];
    if (world.isServing(id)) checks.allAcknowledgedAreIn(database, world.now);
    if (world.isServing(id) && other.guard?.phase === 'STANDBY_READY')
      checks.isCopyOf(other.database, database, world.now);
  }
  return synced() && !needsRepair();
}

/** In a healthy pair a switchover succeeds, quickly, and nobody has to be repaired. */
function switchOver(world: World): boolean {
  const old = NODES.find((id) => world.hosts[id].guard?.phase === 'PRIMARY_SYNC');
  if (old === undefined || world.hosts[peerOf(old)].guard?.phase !== 'STANDBY_READY') return true;
  world.runUntil(world.now + JOINED_WITHIN_MS);
  world.command(old, { kind: 'switchover' });
  const done = (): boolean => world.isServing(peerOf(old));
  world.runUntil(world.now + SWITCHOVER_WITHIN_MS, done);
  const planned = world.hosts[peerOf(old)].guard?.decided?.takenOver === 'planned';
  if (!done() || !planned) world.checks.report('no-switchover', world.now, phases(world));
  if (!done()) return false;
  if (untilSync(world)) return true;
  world.checks.report('no-automatic-rejoin', world.now, phases(world));
  return false;
}

/** A single fault on a healthy pair: the primary is cut off, the standby must take over, the old one must come back. */
function failOver(world: World): void {
  const old = NODES.find((id) => world.hosts[id].guard?.phase === 'PRIMARY_SYNC');
  if (old === undefined || world.hosts[peerOf(old)].guard?.phase !== 'STANDBY_READY') return;
  const standby = peerOf(old);
  // The witness may just be joining again.
  const mayGo = (): boolean => world.hosts[old].guard?.decided?.weights[old] === 1;
  world.runUntil(world.now + JOINED_WITHIN_MS, mayGo);
  if (!mayGo()) world.checks.report('no-failover', world.now, `the votes are with ${old}`);
  world.network.isolate(old, 1);
  world.runUntil(world.now + FAILOVER_WITHIN_MS, () => world.isServing(standby));
  if (!world.isServing(standby)) world.checks.report('no-failover', world.now, phases(world));
  world.runUntil(world.now + LEASES_END_MS);
  world.network.isolate(old, -1);
  if (!untilSync(world)) world.checks.report('no-automatic-rejoin', world.now, phases(world));
}

function isAcknowledging(world: World): boolean {
  return NODES.some((id) => world.isServing(id) && world.hosts[id].database.waitersMs(world.now) < 500);
}

function phases(world: World): string {
  return NODES.map((id) => {
    const { guard, database } = world.hosts[id];
    return `${id} ${guard?.phase ?? 'no guard'} server ${database.state}`;
  }).join(', ');
}

/** Only when the other host is gone, and alone: what a person forces is not proof against anything. */
const FORCE: Fault = {
  name: 'host lost, and the other one forced',
  strike: (world, node, ms, random) => {
    const host = world.hosts[node];
    if (host.hostDown || NODES.some((id) => world.hosts[id].hostDown)) return;
    const forcedAt = random.between(4_000, 8_000);
    world.losePower(node, forcedAt + 3_000 + ms);
    world.timeline.after(forcedAt, () =>
      world.command(peerOf(node), { kind: 'force-primary', accepts: 'lost-commits' }),
    );
  },
};

const FAULTS: readonly Fault[] = [
  {
    name: 'host cut off',
    strike: (world, node, ms) => {
      world.network.isolate(node, 1);
      world.timeline.after(ms, () => world.network.isolate(node, -1));
    },
  },
  {
    name: 'host cut off, and first back with the witness only',
    strike: (world, node, ms, random) => {
      const until = random.between(600, 2_000);
      const peer = peerOf(node);
      world.network.isolate(node, 1);
      world.network.cut(node, peer, 1);
      world.network.cut(peer, node, 1);
      world.timeline.after(Math.min(ms, until), () => world.network.isolate(node, -1));
      world.timeline.after(ms + 600, () => {
        world.network.cut(node, peer, -1);
        world.network.cut(peer, node, -1);
      });
    },
  },
  {
    name: 'link cut',
    strike: (world, node, ms, random) => {
      const other = random.pick([peerOf(node), 'W']);
      world.network.cut(node, other, 1);
      world.network.cut(other, node, 1);
      world.timeline.after(ms, () => {
        world.network.cut(node, other, -1);
        world.network.cut(other, node, -1);
      });
    },
  },
  {
    name: 'one-way loss',
    strike: (world, _node, ms, random) => {
      const from = random.pick(['A', 'B', 'W']);
      const to = random.pick(['A', 'B', 'W']);
      if (from === to) return;
      world.network.cut(from, to, 1);
      world.timeline.after(ms, () => world.network.cut(from, to, -1));
    },
  },
  {
    name: 'all cut off',
    strike: (world, _node, ms) => {
      for (const id of VOTERS) world.network.isolate(id, 1);
      world.timeline.after(ms, () => {
        for (const id of VOTERS) world.network.isolate(id, -1);
      });
    },
  },
  { name: 'server killed', strike: (world, node) => world.crashServer(node) },
  {
    name: 'server held down',
    strike: (world, node, ms) => {
      const host = world.hosts[node];
      if (host.held) return;
      host.held = true;
      world.crashServer(node);
      world.timeline.after(ms, () => {
        host.held = false;
      });
    },
  },
  {
    name: 'server killed on a slow host',
    strike: (world, node, ms) => {
      world.hosts[node].slowUntil = world.now + Math.min(ms, 2_000);
      world.crashServer(node);
    },
  },
  {
    name: 'server killed on a slow host after a short cut',
    strike: (world, node, ms, random) => {
      const peer = peerOf(node);
      const cut = (by: 1 | -1): void => {
        world.network.cut(node, peer, by);
        world.network.cut(peer, node, by);
      };
      const healAt = random.between(350, 480);
      cut(1);
      world.timeline.after(healAt - random.between(0, 150), () => {
        world.hosts[node].slowUntil = world.now + Math.min(ms, 2_000);
        world.crashServer(node);
      });
      world.timeline.after(healAt, () => cut(-1));
    },
  },
  {
    name: 'server hangs',
    strike: (world, node, ms) => {
      const { database } = world.hosts[node];
      if (database.state !== 'up' || database.hungSince !== null) return;
      const since = world.now;
      database.hungSince = since;
      world.timeline.after(ms, () => {
        if (database.hungSince === since && !database.killed) database.hungSince = null;
      });
    },
  },
  {
    name: 'server terminated',
    strike: (world, node) => {
      world.hosts[node].database.terminate();
    },
  },
  {
    name: 'waiting connections killed',
    strike: (world, node) => {
      world.hosts[node].database.killWaiters();
    },
  },
  {
    name: 'guard killed',
    strike: (world, node, ms) => {
      world.killGuard(node);
      world.timeline.after(Math.min(ms, 1_500), () => world.startGuard(node));
    },
  },
  {
    name: 'guard paused',
    strike: (world, node, ms) => {
      world.pauseGuard(node, ms);
    },
  },
  {
    name: 'host lost power',
    strike: (world, node, ms) => world.losePower(node, ms),
  },
  {
    name: 'host paused',
    strike: (world, node, ms) => {
      world.pauseHost(node, ms);
    },
  },
  {
    name: 'machine stopped with its clock',
    strike: (world, node, ms, random) => {
      if (!random.chance(0.3)) return;
      const host = world.hosts[node];
      if (host.hostDown || world.now < host.hostPausedUntil) return;
      world.clockStood = true;
      world.pauseHost(node, ms);
      host.clock.standStill(ms);
    },
  },
  {
    name: 'applier stalls',
    strike: (world, node, ms) => {
      world.hosts[node].applierPausedUntil = world.now + ms;
    },
  },
  {
    name: 'applier stalls as the other server dies',
    strike: (world, node, ms, random) => {
      world.hosts[node].applierPausedUntil = world.now + Math.min(ms, 1_500);
      world.timeline.after(random.between(50, 400), () => world.crashServer(peerOf(node)));
    },
  },
  {
    name: 'replication is slow',
    strike: (world, node, ms) => {
      world.hosts[node].fetchSlowUntil = world.now + ms;
    },
  },
  {
    name: 'replication restarted with a full relay log as the primary is cut off',
    strike: (world, node, ms, random) => {
      world.hosts[node].applierPausedUntil = world.now + ms + 500;
      world.hosts[node].fetchSlowUntil = world.now + ms + 500;
      world.timeline.after(random.between(100, 400), () => {
        const { database } = world.hosts[node];
        if (!database.works || !database.sqlRunning || database.writable) return;
        database.startReplication(false);
        world.timeline.after(random.between(0, 700), () => {
          world.network.isolate(peerOf(node), 1);
          world.timeline.after(ms, () => world.network.isolate(peerOf(node), -1));
        });
      });
    },
  },
  {
    name: 'semi-sync switched on at the standby',
    strike: (world, node) => {
      const { database } = world.hosts[node];
      if (!database.works || world.hosts[node].guard?.phase !== 'STANDBY_READY') return;
      database.setSemiSync(true);
    },
  },
  {
    name: 'replication restarted by hand',
    strike: (world, node) => {
      const { database } = world.hosts[node];
      if (database.works && database.sqlRunning && !database.writable) database.startReplication(false);
    },
  },
  {
    name: 'switchover',
    strike: (world) => {
      for (const id of NODES)
        if (world.hosts[id].guard?.phase === 'PRIMARY_SYNC') world.command(id, { kind: 'switchover' });
    },
  },
  {
    name: 'switchover as a fault strikes',
    strike: (world, node, ms, random) => {
      const end = random.between(0, 300);
      for (const id of NODES)
        if (world.hosts[id].guard?.phase === 'PRIMARY_SYNC') world.command(id, { kind: 'switchover' });
      const fault = random.pick(FAULTS.filter(({ name }) => !name.startsWith('switchover')));
      world.timeline.after(end, () => {
        world.trace?.(`${Math.round(world.now)} FAULT ${fault.name} ${node} ${Math.round(ms)} ms`);
        fault.strike(world, node, Math.min(ms, 2_000), random);
      });
    },
  },
  ...(['fence', 'solo', 'maintenance'] as const).map(
    (kind): Fault => ({
      name: `order ${kind}`,
      strike: (world, node, ms, random) => {
        const forMs = random.chance(0.5) ? ms : null;
        world.command(node, { kind, reason: 'a test', forMs, wallNow: world.now });
        if (forMs === null) world.timeline.after(ms, () => world.command(node, { kind: 'off' }));
      },
    }),
  ),
  {
    name: 'force by mistake',
    strike: (world, node) => {
      if (isHealthy(world)) world.command(node, { kind: 'force-primary', accepts: 'lost-commits' });
    },
  },
  {
    name: 'rejoin without repair',
    strike: (world, node) => world.command(node, { kind: 'rejoin' }),
  },
  {
    name: 'witness killed',
    strike: (world, _node, ms) => {
      world.stopWitness();
      world.timeline.after(ms, () => world.startWitness());
    },
  },
  {
    name: 'witness lost its disk as the old primary is back with it only',
    strike: (world, node, ms, random) => {
      const peer = peerOf(node);
      const joins = random.chance(0.5);
      if (joins) {
        world.loseWitnessLedger();
        world.startWitness();
      }
      const { slow } = world.network;
      world.network.slow = joins ? 0.9 : slow;
      const cutAt = random.between(0, joins ? 2_000 : 100);
      const backAt = cutAt + random.between(900, 3_000);
      world.timeline.after(cutAt, () => world.network.isolate(node, 1));
      world.timeline.after(cutAt + 20, () => {
        world.network.slow = slow;
      });
      world.timeline.after(backAt, () => {
        world.loseWitnessLedger();
        world.startWitness();
        world.network.isolate(peer, 1);
        world.network.isolate(node, -1);
      });
      world.timeline.after(backAt + Math.min(ms, 3_000), () => world.network.isolate(peer, -1));
    },
  },
  {
    name: 'witness lost its disk',
    strike: (world, _node, ms) => {
      world.loseWitnessLedger();
      world.timeline.after(Math.min(ms, 1_000), () => world.startWitness());
    },
  },
];
