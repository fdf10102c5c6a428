/**
 * One holder at a time for each named resource of the host.
 *
 * Invariants: names are taken in sorted order, so two actions cannot wait for each other; a lock is released however
 * its holder ends; whoever waits is served in order and may give up by its signal.
 */

import { AppError } from '../shared/errors/app-error.ts';

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when the resource is taken, with the name of its holder. */
  readonly onWait?: (resource: string, holder: string) => void;
}

interface Queue {
  holder: string;
  readonly waiting: Array<{ readonly owner: string; grant(): void }>;
}

export class Locks {
  readonly #queues = new Map<string, Queue>();

  /** Runs `work` while `owner` holds all of `resources`. */
  async withLocks<T>(
    resources: readonly string[],
    owner: string,
    work: () => Promise<T>,
    options: LockOptions = {},
  ): Promise<T> {
    const wanted = [...new Set(resources)].sort();
    const held: string[] = [];
    try {
      for (const resource of wanted) {
        await this.#take(resource, owner, options);
        held.push(resource);
      }
      return await work();
    } finally {
      for (const resource of held.reverse()) this.#release(resource);
    }
  }

  #take(resource: string, owner: string, options: LockOptions): Promise<void> {
    const queue = this.#queues.get(resource);
    if (queue === undefined) {
      this.#queues.set(resource, { holder: owner, waiting: [] });
      return Promise.resolve();
    }
    options.onWait?.(resource, queue.holder);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        const index = queue.waiting.indexOf(entry);
        if (index < 0) return;
        queue.waiting.splice(index, 1);
        reject(cancelledWhileWaiting(resource, queue.holder, options.signal));
      };
      const entry = {
        owner,
        grant: () => {
          options.signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      queue.waiting.push(entry);
      if (options.signal?.aborted) giveUp();
      else options.signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #release(resource: string): void {
    const queue = this.#queues.get(resource);
    const next = queue?.waiting.shift();
    if (queue === undefined || next === undefined) {
      this.#queues.delete(resource);
      return;
    }
    queue.holder = next.owner;
    next.grant();
  }
}

function cancelledWhileWaiting(resource: string, holder: string, signal: AbortSignal | undefined): AppError {
  if (signal?.reason instanceof AppError && signal.reason.code === 'DEADLINE_EXCEEDED')
    return new AppError('DEADLINE_EXCEEDED', `The deadline passed while ${holder} held ${resource}.`);
  return new AppError('CANCELLED', `The call was cancelled while ${holder} held ${resource}.`);
}
