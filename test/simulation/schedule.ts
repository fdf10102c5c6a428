/**
 * One random schedule: the pair comes up, faults come and go, everything is healed, and then a writable primary, and later
 * SYNC, must be back within a bound. The seed decides everything.
 */

import { TIMING } from '../../shared/pair/timing.ts';
import { NODES, type NodeId, peerOf } from '../../shared/pair/weights.ts';
import type { Violation } from './checks.ts';
import { FAULTS, type Fault, isHealthy, SPECIAL } from './faults.ts';
import type { Flaw } from './flaw.ts';
import { World } from './world.ts';

const START_MS = 5_000;
const ROUNDS = 4;
const HEALTHY_WITHIN_MS = 12_000;
/** A machine that stood still with its clock may look open for the rest of its lease. */
const LEASES_END_MS = 1_000;
/** A healed cluster of three has a serving primary, and then SYNC, within these bounds. */
const PRIMARY_WITHIN_MS = 24_000;
const SYNC_WITHIN_MS = 36_000;
/** From the moment in which the clients are stopped. The wait for a level standby before that has a limit of its own. */
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
      only === undefined ? FAULTS : [...FAULTS, ...SPECIAL].filter(({ name }) => only.includes(name)),
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

/** Faults undo themselves before this; what may still be down comes back. */
function heal(world: World): void {
  world.nemesis = false;
  world.network.loss = 0;
  world.network.slow = 0;
  world.witness.start();
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

/** In a healthy pair a switchover succeeds, stops the clients only briefly, and nobody has to be repaired. */
function switchOver(world: World): boolean {
  const old = NODES.find((id) => world.hosts[id].guard?.phase === 'PRIMARY_SYNC');
  if (old === undefined || world.hosts[peerOf(old)].guard?.phase !== 'STANDBY_READY') return true;
  world.runUntil(world.now + JOINED_WITHIN_MS);
  world.command(old, { kind: 'switchover' });
  const begun = (): boolean => world.hosts[old].guard?.phase !== 'PRIMARY_SYNC';
  const done = (): boolean => world.isServing(peerOf(old));
  world.runUntil(world.now + TIMING.levelWithinMs, begun);
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
