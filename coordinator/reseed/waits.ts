/** What a reseed waits for, each with its deadline. */

import { AppError } from '../../shared/errors/app-error.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type GuardPair, lookAt } from '../cli/guard-commands.ts';
import type { ProgressTask } from '../cli/progress.ts';
import { problemOf, readHeartbeats } from '../drill/hosts.ts';
import type { ReseedOptions } from './ground.ts';

const STANDS_ASIDE_MS = 60_000;
const WHOLE_MS = 1_800_000;
const POLL_MS = 200;

export async function untilPhase(pair: GuardPair, name: string, phase: string): Promise<void> {
  let seen = '';
  await waitFor(
    `${name} to be ${phase}`,
    async () => {
      pair.cli.signal.throwIfAborted();
      seen = (await lookAt(pair)).find((one) => one.name === name)?.voting?.phase ?? '';
      return seen === phase ? true : undefined;
    },
    { deadlineMs: STANDS_ASIDE_MS, intervalMs: POLL_MS },
  );
}

export async function untilWhole({ pair, host, other }: ReseedOptions, task: ProgressTask): Promise<void> {
  const ports =
    pair.pair.hosts[0].name === host.host.name ? ([host, other] as const) : ([other, host] as const);
  let last = '';
  try {
    await waitFor(
      'the pair to be whole again',
      async () => {
        pair.cli.signal.throwIfAborted();
        const beats = await readHeartbeats(ports);
        const guard = beats.find((beat) => beat.host === host.host.name)?.guard;
        if (guard?.voting?.phase === 'NEEDS_REPAIR')
          throw new AppError('NOT_CONVERGED', `${host.host.name} needs repair again: ${guard.reason}`);
        last = problemOf(pair.pair, beats) ?? '';
        task.update(last);
        return last === '' ? true : undefined;
      },
      { deadlineMs: WHOLE_MS, intervalMs: POLL_MS },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw new AppError(
      'NOT_CONVERGED',
      `After ${WHOLE_MS / 60_000} minutes the pair is not in SYNC: ${last}. Run the command again to go on waiting; the former data are still there.`,
      { cause: error },
    );
  }
}
