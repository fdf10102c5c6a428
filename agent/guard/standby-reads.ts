/** Keeps the own address of a standby open for readers. What opens it runs out by itself, as everything in the fence does. */

import type { NodeState } from '../../shared/pair/node-state.ts';
import type { PortFence } from './fence/port-fence.ts';

const READS_MS = 2000;
const READS_EVERY_MS = 500;

export class StandbyReads {
  readonly #fence: Pick<PortFence, 'standbyReads'>;
  #until = 0;

  constructor(fence: Pick<PortFence, 'standbyReads'>) {
    this.#fence = fence;
  }

  /** With every pulse; `now` is performance.now(). */
  keep(phase: NodeState['phase'], now: number): void {
    if (phase !== 'STANDBY_READY' && phase !== 'STANDBY_CATCHUP') this.#until = 0;
    else if (now >= this.#until - READS_MS + READS_EVERY_MS) {
      this.#until = now + READS_MS;
      this.#fence.standbyReads(this.#until);
    }
  }
}
