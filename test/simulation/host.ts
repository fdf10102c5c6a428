/** One host of the simulation: its clock, guard, durable guard file, kernel fence, server, and what is paused or dead. */

import type { Durable } from '../../shared/pair/effects.ts';
import type { NodeState } from '../../shared/pair/node-state.ts';
import type { NodeId } from '../../shared/pair/weights.ts';
import type { DatabaseModel } from './database-model.ts';

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

export interface Host {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly database: DatabaseModel;
  guard: NodeState | null;
  durable: Durable;
  boot: number;
  /** When the kernel closes the port, on the host's clock. */
  fenceUntil: number;
  permit: boolean;
  ackPathOpen: boolean;
  /** The guard is between its decision and its deeds. */
  busy: boolean;
  /** Until when, in true time, the guard, the whole host, or the applier does nothing. */
  guardPausedUntil: number;
  hostPausedUntil: number;
  applierPausedUntil: number;
  /** Until when events of the primary take long to arrive. */
  fetchSlowUntil: number;
  hostDown: boolean;
  /** A transaction was committed here behind the protocol's back: SIGTERM, KILL. */
  meddled: boolean;
}
