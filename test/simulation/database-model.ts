/**
 * A MariaDB server as far as the protocol depends on it: binlog, relay log, commits that wait for the standby, what a crash,
 * a truncating restart, SIGTERM, KILL and a restart of the replication threads do to them. Durable and volatile state are
 * apart. All transactions are of one GTID domain; the sequence number of a transaction is its place in the binlog.
 */

import type { NodeId } from '../../shared/pair/weights.ts';

export interface Transaction {
  readonly id: number;
  readonly origin: NodeId;
}

const HOLE: Transaction = { id: 0, origin: 'A' };

export type Acknowledged = (transaction: Transaction) => void;

export class DatabaseModel {
  // Durable.
  binlog: Transaction[] = [];
  relay: Transaction[] = [];
  /** gtid_slave_pos. */
  slavePosition = 0;

  // Volatile.
  state: 'down' | 'starting' | 'up' = 'up';
  hungSince: number | null = null;
  /** A SIGKILL is under way. */
  killed = false;
  /** How often the server was started. */
  starts = 0;
  writable = false;
  semiSync = false;
  /** What was received survives a loss of power; nobody makes use of it then (E5). */
  relaySynced = true;
  /** How much of the binlog the engine committed, and how much of that survives a truncating restart for sure. */
  committed = 0;
  survives = 0;
  /** Length of the binlog when semi-sync was switched on. */
  sentinelFrom = 0;
  /** The applier's commit waits for a standby. */
  applierWaits = false;
  readonly waitingSince = new Map<number, number>();
  ioRunning = false;
  sqlRunning = false;
  sqlError = false;
  connected = false;
  threads = 1;
  readonly id: NodeId;
  readonly #acknowledged: Acknowledged;

  constructor(id: NodeId, acknowledged: Acknowledged) {
    this.id = id;
    this.#acknowledged = acknowledged;
  }

  get works(): boolean {
    return this.state === 'up' && this.hungSince === null;
  }

  get received(): number {
    return this.slavePosition + this.relay.length;
  }

  waitersMs(now: number): number {
    if (this.applierWaits && this.semiSync) return 1_000;
    const first = this.waitingSince.get(this.committed + 1);
    return first === undefined ? 0 : now - first;
  }

  write(id: number, now: number): void {
    if (!this.works || !this.writable) return;
    this.binlog.push({ id, origin: this.id });
    if (this.semiSync) this.waitingSince.set(this.binlog.length, now);
    else this.#commit(this.binlog.length, true);
  }

  /** The standby confirmed everything up to this sequence number. */
  confirm(sequence: number): void {
    if (this.works && this.semiSync) this.#commit(Math.min(sequence, this.binlog.length), true);
  }

  setSemiSync(on: boolean): void {
    if (on && !this.semiSync) this.sentinelFrom = this.binlog.length;
    this.semiSync = on;
    this.applierWaits = false;
    // Whoever waits gets OK when semi-sync is switched off (E13).
    if (!on) this.#commit(this.binlog.length, true);
  }

  /** KILL CONNECTION: the client sees an error, the transaction becomes committed and visible (E2). */
  killWaiters(): void {
    if (this.works) this.#commit(this.binlog.length, false);
  }

  /** A clean shutdown commits who waits (E6). */
  terminate(): void {
    if (this.state === 'up') this.#commit(this.binlog.length, false);
    this.survives = this.committed;
    this.#stop();
  }

  /** SIGKILL or power loss. `unflushed` of the last engine commits are known to the binlog alone. */
  crash(unflushed: number): void {
    if (this.state === 'down') return;
    this.survives = Math.max(this.survives, this.committed - unflushed);
    this.#stop();
  }

  start(role: 'master' | 'slave'): void {
    if (role === 'slave') this.binlog = this.binlog.slice(0, this.survives);
    this.committed = this.binlog.length;
    this.survives = this.committed;
    this.state = 'up';
    this.threads += 1;
  }

  /** Both threads: what was received and not applied is thrown away (E5). `fromBinlog` is rule R3. */
  startReplication(fromBinlog: boolean): void {
    this.relay = [];
    if (fromBinlog) this.slavePosition = this.binlog.length;
    this.ioRunning = true;
    this.sqlRunning = true;
    this.sqlError = false;
    this.connected = false;
    this.threads += 1;
  }

  /** One round of the IO thread, which stops when the primary does not know the position (error 1236). */
  receive(from: DatabaseModel, upTo: number): void {
    const at = this.received;
    if (at > from.binlog.length || !this.#agreesAt(from, at)) {
      this.ioRunning = false;
      return;
    }
    this.relay.push(...from.binlog.slice(at, upTo));
  }

  /**
   * Applies everything received; own transactions that come back only advance the position. A node whose own commits wait
   * for a standby does not get over one that is new to it (E1).
   */
  apply(): void {
    if (!this.works || !this.sqlRunning || this.sqlError) return;
    for (let next = this.relay[0]; next !== undefined; next = this.relay[0]) {
      const own = this.binlog[this.slavePosition];
      if (own === undefined && this.semiSync) {
        this.applierWaits = true;
        return;
      }
      // A GTID that is already taken by another transaction: strict mode stops the applier.
      if (own !== undefined && own.id !== next.id) this.sqlError = true;
      if (this.sqlError) return;
      if (own === undefined) this.#append(next);
      this.relay.shift();
      this.slavePosition += 1;
    }
  }

  /** A position beyond the end leaves a hole that nobody notices (E3c). */
  #append(transaction: Transaction): void {
    while (this.binlog.length < this.slavePosition) this.binlog.push(HOLE);
    this.binlog.push(transaction);
    this.committed = this.binlog.length;
    this.survives = Math.max(this.survives, this.committed - 1);
  }

  /** The last transaction here is at the same place there: with one domain and strict mode, so is everything before it. */
  isWithin(other: DatabaseModel): boolean {
    return (
      this.binlog.length <= other.binlog.length &&
      this.binlog.at(-1)?.id === other.binlog[this.binlog.length - 1]?.id
    );
  }

  #agreesAt(other: DatabaseModel, length: number): boolean {
    const last = this.relay.at(-1) ?? this.binlog[length - 1];
    return length === 0 || last === undefined || other.binlog[length - 1]?.id === last.id;
  }

  #commit(upTo: number, acknowledge: boolean): void {
    while (this.committed < upTo) {
      this.waitingSince.delete(this.committed + 1);
      const transaction = this.binlog[this.committed];
      this.committed += 1;
      if (acknowledge && transaction !== undefined && transaction.origin === this.id)
        this.#acknowledged(transaction);
    }
  }

  #stop(): void {
    this.state = 'down';
    this.applierWaits = false;
    this.killed = false;
    this.hungSince = null;
    this.writable = false;
    this.semiSync = false;
    this.relaySynced = true;
    this.ioRunning = false;
    this.sqlRunning = false;
    this.sqlError = false;
    this.connected = false;
    this.waitingSince.clear();
  }
}
