/** Connections that the kernel ends, whatever their programs wait for: both sides are told, as far as they can be reached. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { endStreamArgv, type FencePlace } from './nft-text.ts';

const KILL_MS = 1000;
/** Nothing in a failover waits for it longer. */
const COURTESY_MS = 40;

/** `argv`: an `ss --kill`. Answers how many it has ended. */
export async function endConnections(argv: readonly string[]): Promise<number> {
  const { stdout } = await runCommand(argv, { timeoutMs: KILL_MS });
  return stdout.split('\n').filter((line) => line !== '').length;
}

/** Settles when it is done, or after a moment; never rejects on its own. */
export async function briefly(deed: Promise<void>): Promise<void> {
  await Promise.race([deed, delay(COURTESY_MS)]);
}

/** Ends what the peer has open to the server, its replica's stream above all. Never rejects, and nobody waits long for it. */
export async function endStream(place: Pick<FencePlace, 'peerAddress' | 'port'>, log: Logger): Promise<void> {
  const end = async (): Promise<void> => {
    try {
      const connections = await endConnections(endStreamArgv(place));
      if (connections > 0) log.info({ connections }, 'What the peer had open to the server was ended.');
    } catch (error) {
      log.warn(
        { err: error },
        'What the peer had open to the server was not ended: it may hold up the next.',
      );
    }
  };
  await briefly(end());
}
