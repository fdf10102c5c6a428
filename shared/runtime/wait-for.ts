/** The one loop that waits for a condition: probe, deadline, cancel. */

import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors/app-error.ts';

export interface WaitOptions {
  readonly deadlineMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `probe` until it answers something other than undefined, and returns that.
 * `what` completes the sentence "Gave up waiting for ..."; a probe that throws ends the wait.
 * Throws AppError DEADLINE_EXCEEDED or CANCELLED.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    if (options.signal?.aborted) throw new AppError('CANCELLED', `The wait for ${what} was cancelled.`);
    const answer = await probe();
    if (answer !== undefined) return answer;
    const left = end - performance.now();
    if (left <= 0)
      throw new AppError('DEADLINE_EXCEEDED', `Gave up waiting for ${what} after ${options.deadlineMs} ms.`);
    await sleep(Math.min(options.intervalMs ?? 100, left), options.signal);
  }
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new AppError('CANCELLED', 'The wait was cancelled.', { cause: error });
  }
}
