/** Ctrl-C, SIGTERM and a reader that went away: the first asks the command to stop, the second stops the process. */

import process from 'node:process';
import { AppError } from '../../shared/errors/app-error.ts';
import type { OutputEnd } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** 128 + SIGINT: the shell's number for a process that a signal ended. */
const HARD_EXIT = 130;
/** What ends sooner needs no words. */
const PATIENCE_MS = 300;

export interface Interrupts {
  readonly signal: AbortSignal;
  stop(): void;
}

export function watchInterrupts(output: OutputEnd): Interrupts {
  const controller = new AbortController();
  let patience: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      output.finish({ code: 'CANCELLED', message: `Ended by a second ${name}.` });
      process.exit(HARD_EXIT);
    }
    patience = setTimeout(() => output.warn(`${name}: stopping; the same again stops at once.`), PATIENCE_MS);
    controller.abort(new AppError('CANCELLED', `Interrupted by ${name}.`));
  };
  const onPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (!controller.signal.aborted)
      controller.abort(new AppError('CANCELLED', 'Nobody reads the output any more.'));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  process.stdout.on('error', onPipe);
  process.stderr.on('error', onPipe);
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(patience);
      for (const name of SIGNALS) process.removeListener(name, onSignal);
    },
  };
}
