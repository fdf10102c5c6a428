/** The guard as a process: `guard` runs until it is told to stop, `guard stopped` tidies up behind one that has ended. */

import { readFileSync } from 'node:fs';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { readGuardConfig } from './config.ts';
import { Guard } from './guard.ts';
import { guardStopped } from './stopped.ts';
import { tidyMemory } from './tidy-memory.ts';

const TIDY_AFTER_MS = 10_000;

/** Settles when the guard has been told to stop. Throws AppError CONFIG_INVALID for a configuration it cannot use. */
export async function runGuard(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'stopped') {
    await guardStopped(process.env['SERVICE_RESULT'] ?? 'success');
    return;
  }
  const log = createLogger('guard');
  const config = readGuardConfig(argv[0] ?? HOST_PATHS.guardConfig);
  const guard = new Guard(config, readFileSync(config.database.ca, 'utf8'), log);
  log.info({ pair: config.pair, host: config.host, vip: config.vip }, 'The guard has started.');
  guard.start();
  setTimeout(tidyMemory, TIDY_AFTER_MS).unref();
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });
  log.info({ signal }, 'The guard stops.');
  guard.stop();
}
