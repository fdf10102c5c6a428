/** What a guard's effects do to its host: the kernel's fence, the server's process and its statements. Each may fail. */

import type { Effect } from '../../shared/pair/effects.ts';
import { peerOf } from '../../shared/pair/weights.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Recovery after a crash takes up to so long while faults are at work. */
const LONGEST_START_MS = 15_000;

/** False when it failed. */
export function performEffect(world: World, host: Host, effect: Effect, decidedAt: number): boolean {
  const { database } = host;
  const local = host.clock.at(world.now);
  switch (effect.kind) {
    case 'persist':
      if (host.diskFull) return false;
      persist(world, host, effect.durable);
      return true;
    case 'send':
      world.send(host.id, effect.to, effect.message);
      return true;
    case 'fence-open': {
      const start = world.flaw.flags?.has('relative-fence') ? decidedAt : local;
      host.fenceUntil = local + Math.max(0, effect.until - start);
      if (world.isOpen(host.id) && world.isOpen(peerOf(host.id)) && !world.clockStood)
        world.checks.report('two-lease-holders', world.now, `${host.id} opens while the other one is open`);
      return true;
    }
    case 'fence-close':
      host.fenceUntil = Number.NEGATIVE_INFINITY;
      return true;
    case 'permit':
      if (effect.allowed && local >= effect.until) return false;
      host.permit = effect.allowed;
      return true;
    case 'ack-path':
      host.ackPathOpen = effect.open;
      if (!effect.open) database.connected = false;
      return true;
    case 'server-start':
      return startServer(world, host, effect.role);
    case 'server-kill':
      killServer(world, host);
      return true;
    case 'freeze':
      host.frozen = effect.on;
      return true;
    case 'end-stream':
      world.hosts[peerOf(host.id)].database.connected = false;
      return true;
    case 'reset-sessions':
    case 'alarm':
    case 'own-vote':
      return true;
    default:
      return database.works && runSql(world, host, effect, local);
  }
}

function startServer(world: World, host: Host, role: 'master' | 'slave'): boolean {
  const { database } = host;
  if (database.state !== 'down' || host.held || host.diskFull) return false;
  database.state = 'starting';
  const start = ++database.starts;
  const slow = world.nemesis && world.random.chance(0.3);
  world.timeline.after(world.random.between(30, slow ? LONGEST_START_MS : 500), () => {
    if (database.state !== 'starting' || database.starts !== start || host.hostDown) return;
    database.start(role);
    world.shells[host.id].lookSoon();
  });
  return true;
}

/** SIGKILL is only sent: the server is gone a little later, much later when it waits for its disk. */
function killServer(world: World, host: Host): void {
  const { database } = host;
  if (world.flaw.flags?.has('kill-by-sigterm')) database.terminate();
  if (database.state === 'down') return;
  const start = database.starts;
  const stuck = world.nemesis && world.random.chance(0.05);
  if (stuck) database.hungSince ??= world.now;
  database.killed = true;
  world.timeline.after(stuck ? world.random.between(300, 4_000) : world.random.between(0.1, 30), () => {
    if (database.starts === start) world.crashServer(host.id);
  });
}

function runSql(world: World, host: Host, effect: Effect, local: number): boolean {
  const { database } = host;
  if (effect.kind === 'writable') {
    if (local >= effect.until && !world.flaw.flags?.has('relative-fence')) return false;
    database.writable = true;
    world.checks.onWritable(host.id, world.now);
    if (!isReplacedUnawares(world, host)) world.checks.allAcknowledgedAreIn(database, world.now);
  }
  if (effect.kind === 'read-only') {
    if (database.waitersMs(world.now) > effect.withinMs) return false;
    database.writable = false;
  }
  if (effect.kind === 'semi-sync') database.setSemiSync(effect.on);
  if (effect.kind === 'relay-sync') database.relaySynced = effect.on;
  if (effect.kind === 'way-back') wayBack(database);
  if (effect.kind === 'io-thread') runIo(database, effect.on);
  if (effect.kind === 'replication-start') database.startReplication(!world.flaw.flags?.has('no-r3'));
  return true;
}

function wayBack(database: Host['database']): void {
  if (database.sqlRunning) runIo(database, true);
  else database.startReplication(false);
}

function runIo(database: Host['database'], on: boolean): void {
  database.ioRunning = on;
  database.connected = false;
}

/**
 * A primary whose clock stood still does not know that it was replaced, and may take a switchover of its own back. It is
 * nobody's next primary: its commits wait for a confirmation that never comes, which the other checks see to.
 */
function isReplacedUnawares(world: World, host: Host): boolean {
  const own = host.durable.servedEpoch ?? 0;
  return world.clockStood && (world.hosts[peerOf(host.id)].durable.servedEpoch ?? 0) > own;
}

function persist(world: World, host: Host, durable: Host['durable']): void {
  const promised = world.flaw.flags?.has('volatile-promises')
    ? host.durable.ledger.promised
    : durable.ledger.promised;
  world.checks.onLedger(host.id, durable.ledger.promised.epoch, durable.ledger.record.epoch, world.now);
  host.durable = { ...durable, ledger: { ...durable.ledger, promised } };
}
