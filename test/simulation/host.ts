/** One host of the simulation: its clock, guard, durable guard file, kernel fence, server, and what is paused or dead. */

import type { Durable } from '../../shared/pair/effects.ts';
import type { NodeState } from '../../shared/pair/node-state.ts';
import { firstRecord } from '../../shared/pair/record.ts';
import { firstLedger } from '../../shared/pair/voter.ts';
import type { NodeId } from '../../shared/pair/weights.ts';
import { type Acknowledged, DatabaseModel } from './database-model.ts';

export class Clock {
  readonly #rate: number;
  #offset: number;

  constructor(rate: number, offset: number) {
    this.#rate = rate;
    this.#offset = offset;
  }

  at(trueTime: number): number {
    return this.#offset + trueTime * this.#rate;
  }

  /** The clock stood still for so long: a virtual machine that was stopped with it. */
  standStill(trueMs: number): void {
    this.#offset -= trueMs * this.#rate;
  }
}

export class Host {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly database: DatabaseModel;
  guard: NodeState | null = null;
  durable: Durable = { ledger: firstLedger(firstRecord('A')), servedEpoch: null, order: null };
  boot = 0;
  /** When the kernel closes the port, on the host's clock. */
  fenceUntil = Number.NEGATIVE_INFINITY;
  permit = false;
  /** No packet of a client comes in. */
  frozen = false;
  ackPathOpen = true;
  /** Since when an operator wants it fenced. */
  fencedSince: number | null = null;
  /** When the IO thread last received something. */
  receivedAt = 0;
  /** Somebody holds the server down. */
  held = false;
  /** Since when keepalived cannot bring the address back. */
  addressLostAt: number | null = null;
  /** Neither server nor guard can write anything down. */
  diskFull = false;
  /** Until when, in true time, the guard, the whole host, or the applier does nothing. */
  guardPausedUntil = 0;
  hostPausedUntil = 0;
  applierPausedUntil = 0;
  /** Until when events of the primary take long to arrive. */
  fetchSlowUntil = 0;
  /** Until when most deeds of the guard take long. */
  slowUntil = 0;
  hostDown = false;

  constructor(id: NodeId, clock: Clock, acknowledged: Acknowledged) {
    this.id = id;
    this.clock = clock;
    this.database = new DatabaseModel(id, acknowledged);
  }

  /** When the guard runs next; it is no time at all for a guard that runs. */
  awakeAt(now: number): number {
    return Math.max(now, this.guardPausedUntil, this.hostPausedUntil);
  }
}
