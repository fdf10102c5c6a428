/** Replication of the simulation: a host fetches what the other one has committed, confirms it, and applies it a little later. */

import { type NodeId, peerOf } from '../../shared/pair/weights.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import type { Surroundings } from './shell.ts';

const LEFT_OVER_MS = 500;
const APPLY_MS = 10;

export class ReplicationModel {
  readonly #world: Surroundings;
  readonly #network: Network;
  readonly #hosts: Readonly<Record<NodeId, Host>>;

  constructor(world: Surroundings, network: Network, hosts: Readonly<Record<NodeId, Host>>) {
    this.#world = world;
    this.#network = network;
    this.#hosts = hosts;
  }

  linked(id: NodeId): boolean {
    const peer = peerOf(id);
    return this.#network.reaches(id, peer) && this.#network.reaches(peer, id);
  }

  /** What stood still with the host or the server is applied when they go on. */
  applyLeftOver(host: Host): void {
    if (host.database.relay.length > 0 && this.#now - host.receivedAt > LEFT_OVER_MS) this.#apply(host);
  }

  /** The replica on `id` fetches what it can, confirms it, and applies it a little later. */
  replicate(id: NodeId): void {
    const { random, timeline } = this.#world;
    const host = this.#hosts[id];
    const source = this.#hosts[peerOf(id)];
    const linked = this.linked(id) && host.ackPathOpen && !host.hostDown && !source.hostDown;
    const awake = this.#now >= host.hostPausedUntil && this.#now >= source.hostPausedUntil;
    if (!linked) host.database.connected = false;
    if (!linked || !awake || !host.database.works || !source.database.works || !host.database.ioRunning)
      return;
    if (!source.database.writable && source.database.binlog.length <= host.database.received) {
      host.database.connected = true;
      return;
    }
    host.database.connected = true;
    const slow = this.#now < host.fetchSlowUntil;
    const upTo = source.database.binlog.length;
    const delay = slow ? random.between(100, 450) : random.between(0.2, 4);
    const { threads } = host.database;
    timeline.after(delay, () => {
      const some = host.database.received + Math.floor(random.between(1, 4));
      if (host.database.threads === threads) this.#deliver(host, source, slow ? Math.min(some, upTo) : upTo);
    });
  }

  #deliver(host: Host, source: Host, upTo: number): void {
    const { random, timeline } = this.#world;
    const { database } = host;
    const runs = database.works && database.ioRunning && database.connected && host.ackPathOpen;
    if (!runs || host.diskFull || !this.linked(host.id) || this.#now < host.hostPausedUntil) return;
    host.receivedAt = this.#now;
    database.receive(source.database, upTo);
    if (!database.ioRunning) return;
    const confirmed = database.received;
    timeline.after(random.between(0.2, 4), () => {
      if (this.#network.reaches(host.id, source.id) && this.#now >= source.hostPausedUntil)
        source.database.confirm(confirmed);
    });
    timeline.after(random.between(1, APPLY_MS), () => this.#apply(host));
  }

  #apply(host: Host): void {
    if (this.#now < host.applierPausedUntil) {
      this.#world.timeline.at(host.applierPausedUntil + 0.1, () => this.#apply(host));
      return;
    }
    if (this.#now >= host.hostPausedUntil && !host.hostDown) host.database.apply();
  }

  get #now(): number {
    return this.#world.timeline.now;
  }
}
