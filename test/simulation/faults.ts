/** What happens to a pair in a schedule. A fault undoes itself after some time; what may then still be down is healed at the end. */

import { NODES, type NodeId, peerOf, VOTERS } from '../../shared/pair/weights.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export interface Fault {
  readonly name: string;
  /** Begins it for so many ms; undoing it is planned at once. */
  readonly strike: (world: World, node: NodeId, ms: number, random: Random) => void;
}

export function isHealthy(world: World): boolean {
  const phases = NODES.map((id) => world.hosts[id].guard?.phase);
  return phases.includes('PRIMARY_SYNC') && phases.includes('STANDBY_READY');
}

/** What was received is thrown away and fetched again; the primary goes as soon as the standby says that it has all of it. */
const CUT_WHEN_READY: Fault = {
  name: 'primary cut off as soon as its standby is ready again',
  strike: (world, node, ms) => {
    const { database } = world.hosts[node];
    if (!isHealthy(world) || world.hosts[node].guard?.phase !== 'STANDBY_READY') return;
    world.hosts[node].applierPausedUntil = world.now + 2_000;
    world.timeline.after(300, () => {
      if (!database.works || !database.sqlRunning || database.writable) return;
      world.hosts[node].fetchSlowUntil = world.now + 2_000;
      database.startReplication(false);
      const watch = (): void => {
        const { guard } = world.hosts[node];
        if (guard?.phase !== 'STANDBY_READY' || guard.proof?.threads !== database.threads) {
          if (world.now < world.hosts[node].fetchSlowUntil) world.timeline.after(2, watch);
          return;
        }
        world.network.isolate(peerOf(node), 1);
        world.timeline.after(ms + 1_500, () => world.network.isolate(peerOf(node), -1));
      };
      watch();
    });
  },
};

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

/** Whoever took over on the vote of a full disk is cut off when the host that voted starts anew. */
const FULL_DISK_VOTES: Fault = {
  name: 'the only other voter has a full disk, and starts anew',
  strike: (world, node, ms, random) => {
    const old = world.hosts[node];
    if (!isHealthy(world) || old.guard?.phase !== 'PRIMARY_SYNC') return;
    old.diskFull = true;
    world.witness.stop();
    world.timeline.after(random.between(600, 2_000), () => {
      world.network.isolate(peerOf(node), 1);
      world.killGuard(node);
      old.diskFull = false;
      world.witness.start();
      world.startGuard(node);
    });
    world.timeline.after(3_000 + ms, () => world.network.isolate(peerOf(node), -1));
  },
};

/** Those that are only asked for by name. */
export const SPECIAL: readonly Fault[] = [FORCE, CUT_WHEN_READY, FULL_DISK_VOTES];

export const FAULTS: readonly Fault[] = [
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
    name: 'address lost',
    strike: (world, node, ms) => {
      const host = world.hosts[node];
      if (host.addressLostAt !== null || host.guard?.phase !== 'PRIMARY_SYNC') return;
      host.addressLostAt = world.now;
      world.timeline.after(4_000 + ms, () => {
        host.addressLostAt = null;
      });
    },
  },
  {
    name: 'disk full',
    strike: (world, node, ms) => {
      const host = world.hosts[node];
      if (host.diskFull) return;
      host.diskFull = true;
      world.timeline.after(ms, () => {
        host.diskFull = false;
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
    name: 'a node says that it lost its ledger',
    strike: (world, node, ms) => {
      for (let at = 0; at < Math.min(ms, 5_000); at += 300)
        world.timeline.after(at, () => world.send(peerOf(node), node, { kind: 'forgot', memory: 7 }));
    },
  },
  {
    name: 'witness killed',
    strike: (world, _node, ms) => {
      world.witness.stop();
      world.timeline.after(ms, () => world.witness.start());
    },
  },
  {
    name: 'witness lost its disk as the old primary is back with it only',
    strike: (world, node, ms, random) => {
      const peer = peerOf(node);
      const joins = random.chance(0.5);
      if (joins) {
        world.witness.loseLedger();
        world.witness.start();
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
        world.witness.loseLedger();
        world.witness.start();
        world.network.isolate(peer, 1);
        world.network.isolate(node, -1);
      });
      world.timeline.after(backAt + Math.min(ms, 3_000), () => world.network.isolate(peer, -1));
    },
  },
  {
    name: 'witness lost its disk',
    strike: (world, _node, ms) => {
      world.witness.loseLedger();
      world.timeline.after(Math.min(ms, 1_000), () => world.witness.start());
    },
  },
];
