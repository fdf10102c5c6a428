/**
 * Empties the outbox: every receiver by itself, one message after the other, tried again with growing pauses until it is taken
 * or a day is over.
 *
 * Invariant: a message leaves the outbox only once its receiver has taken it. A daemon that is killed in between sends it again,
 * with the same id.
 */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { backoffMs } from '../../shared/time/backoff.ts';
import type { AlertLog, PendingDelivery } from '../store/alerts.ts';
import type { NewEvent } from '../store/event-log.ts';
import { sendAlert } from './send-alert.ts';

export interface OutboxOptions {
  readonly spec: HotpairSpec;
  readonly outbox: AlertLog;
  readonly record: (event: NewEvent) => void;
  /** A message was tried. */
  readonly onSent?: (taken: boolean) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const PAUSES = { firstMs: 1000, mostMs: 300_000 };
const GIVE_UP_MS = 86_400_000;
/** From so many failures on it is an event: somebody should look at the receiver. */
const TOLD_FROM = 5;

export class OutboxRunner {
  readonly #options: OutboxOptions;
  /** Receivers that a message is under way to. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Taken, and not written down yet (a full disk): they are not sent again. */
  readonly #taken = new Set<number>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Starts what is due and lets nobody wait. */
  look(): void {
    const { outbox, signal } = this.#options;
    if (signal.aborted) return;
    const due = Map.groupBy(outbox.due(Date.now()), ({ receiver }) => receiver);
    for (const [name, deliveries] of due) {
      if (this.#busy.has(name)) continue;
      const work = this.#sendAll(name, deliveries).finally(() => this.#busy.delete(name));
      this.#busy.set(name, work);
    }
  }

  /** Settles when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#busy.values());
  }

  async #sendAll(name: string, deliveries: readonly PendingDelivery[]): Promise<void> {
    const { spec, signal, log } = this.#options;
    const receiver = spec.alerts?.receivers.find((one) => one.name === name);
    for (const delivery of deliveries) {
      if (signal.aborted) return;
      try {
        // The next ones would fail the same way, and are tried when they are due again.
        if (!(await this.#send(delivery, receiver))) return;
      } catch (error) {
        log.error({ err: error, receiver: name }, 'the outbox could not be written');
        return;
      }
    }
  }

  /** Answers whether it was taken. */
  async #send(delivery: PendingDelivery, receiver: ReceiverSpec | undefined): Promise<boolean> {
    const { spec, outbox, signal, log, onSent } = this.#options;
    const { id, uuid, alert, message } = delivery;
    if (receiver === undefined) {
      outbox.failed(id, 'The receiver is no longer in hotpair.yaml.', null, Date.now());
      return true;
    }
    try {
      if (!this.#taken.has(id)) await sendAlert({ message, uuid, id: alert }, receiver, spec, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(delivery, error);
      return false;
    }
    this.#taken.add(id);
    outbox.delivered(id, Date.now());
    this.#taken.delete(id);
    onSent?.(true);
    log.info({ alert, rule: message.rule, kind: message.kind, receiver: receiver.name }, 'alert delivered');
    return true;
  }

  #fail({ id, alert, attempts, created, receiver, message }: PendingDelivery, thrown: unknown): void {
    const { outbox, record, log, onSent } = this.#options;
    const error = toAppError(thrown);
    const now = Date.now();
    const asked = error.data['pauseMs'];
    const pause = Math.max(backoffMs(attempts, Math.random(), PAUSES), typeof asked === 'number' ? asked : 0);
    const over = now + pause - created > GIVE_UP_MS;
    onSent?.(false);
    outbox.failed(id, error.message, over ? null : now + pause, now);
    log.warn({ alert, receiver, attempts: attempts + 1, message: error.message }, 'alert not delivered');
    if (attempts + 1 !== TOLD_FROM && !over) return;
    const words = over ? 'is given up after a day' : `is tried again after ${TOLD_FROM} failures`;
    record({
      ...{ pair: message.params.pair, kind: 'AlertFailed', data: { alert, receiver, rule: message.rule } },
      message: `The alert ${message.rule} to ${receiver} ${words}: ${error.message}`,
    });
  }
}
