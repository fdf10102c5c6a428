/**
 * The one way in which timers and listeners of the daemon use the store: a store that fails (a full disk, a file that
 * another process has locked) ends neither the timer nor the daemon. The first failure of a row of them is logged.
 */

import type { Logger } from '../../shared/runtime/logger.ts';

/** Answers whether `work` was done; never throws. */
export type Attempt = (work: () => void) => boolean;

/** `failed` is what the log says. */
export function createAttempt(log: Pick<Logger, 'error'>, failed: string): Attempt {
  let troubled = false;
  return (work) => {
    try {
      work();
      troubled = false;
    } catch (error) {
      if (!troubled) log.error({ err: error }, failed);
      troubled = true;
    }
    return !troubled;
  };
}
