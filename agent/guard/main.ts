#!/usr/bin/env node
/** The guard as a program: `guard [FILE]` runs until it is told to stop. FILE is its configuration. */

import { toAppError } from '../../shared/errors/app-error.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { createLogger, type Logger } from '../../shared/runtime/logger.ts';
import { readGuardConfig } from './config.ts';
import { readIdentity, watchIdentity } from './identity-files.ts';
import { isRestarting } from './is-restarting.ts';
import { PairGuard } from './pair-guard.ts';
import { tidyMemory } from './tidy-memory.ts';

const TIDY_AFTER_MS = 1000;
/** systemd starts it again at once. */
const FAILED_MS = 1000;

/** Settles when the guard has been told to stop. Throws AppError CONFIG_INVALID for a configuration it cannot use. */
async function runGuard(path: string, log: Logger): Promise<void> {
  const config = readGuardConfig(path);
  const identity = readIdentity();
  const told = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });
  const guard = new PairGuard(config, identity, log);
  log.info({ pair: config.pair, host: config.host, vip: config.vip }, 'The guard has started.');
  await guard.start();
  watchIdentity(identity, log, (next) => guard.renew(next));
  setTimeout(tidyMemory, TIDY_AFTER_MS).unref();
  const signal = await told;
  const leaves = !(await isRestarting());
  log.info({ signal, leaves }, 'The guard stops.');
  await guard.stop(leaves);
}

runGuard(process.argv[2] ?? HOST_PATHS.guardConfig, createLogger('guard')).then(
  () => process.exit(0),
  (thrown: unknown) => {
    const error = toAppError(thrown);
    console.error(`${error.code}: ${error.message}`);
    setTimeout(() => process.exit(1), FAILED_MS);
  },
);
