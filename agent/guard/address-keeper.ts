/**
 * Where keepalived does not do what the permit says: takes the virtual address off a host without permit on which it was
 * left, and tells how long it has been away from one with permit.
 */

import type { Logger } from '../../shared/runtime/logger.ts';
import { keepalivedRuns } from './keepalived.ts';
import type { Permit } from './permit.ts';
import type { VipWatch } from './vip.ts';

const OVERDUE_MS = 1000;

export class AddressKeeper {
  readonly #vip: VipWatch;
  readonly #permit: Permit;
  readonly #log: Logger;
  #removing = false;

  constructor(vip: VipWatch, permit: Permit, log: Logger) {
    this.#vip = vip;
    this.#permit = permit;
    this.#log = log;
  }

  /** Only of an address that was here under this permit: one that never came might come nowhere. */
  get lostMs(): number {
    const { present, since } = this.#vip.view;
    const lost = this.#permit.granted && !present && since > this.#permit.since;
    return lost ? performance.now() - since : 0;
  }

  /** Called with every pulse. */
  tick(): void {
    if (this.#removing || !this.#vip.view.present || this.#permit.granted) return;
    const overdue = performance.now() - Math.max(this.#vip.view.since, this.#permit.since) > OVERDUE_MS;
    if (!overdue && keepalivedRuns()) return;
    this.#removing = true;
    this.#log.warn('keepalived has left the address on a host without permit: it is removed.');
    this.#vip
      .remove()
      .catch((error: unknown) => this.#log.error({ err: error }, 'The address could not be removed.'))
      .finally(() => {
        this.#removing = false;
      });
  }
}
