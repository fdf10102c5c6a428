/**
 * Starts and kills the local server. It is started through systemd with the options of /run/hotpair/server.env, and
 * killed by its pid: a hung server is no reason to wait for a message bus.
 *
 * Invariants:
 * - nothing is started while the server is held, within the pause after a start that did not last, or while the
 *   process before it is still listed: systemd would take that one for the server, and start nothing;
 * - the role is for one start: left behind, it would drop acknowledged rows at a start that somebody else makes.
 */

import { AppError } from '../../../shared/errors/app-error.ts';
import { HOST_PATHS } from '../../../shared/model/paths.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { runFileExists } from '../run-file.ts';
import { findServer, isAlive, isListed } from './server-process.ts';
import type { ServerWatch } from './server-watch.ts';
import { pauseMs, writeOptions } from './start-options.ts';

/** Recovery after a crash can take long; systemd has its own limit. */
const START_MS = 900_000;
const GONE_MS = 5000;
const GONE_POLL_MS = 5;
/** A server that stayed up this long ends a series of failures. */
const STEADY_MS = 5000;

export class ServerStart {
  readonly #unit: string;
  readonly #log: Logger;
  readonly #watch: ServerWatch;
  #attempts = 0;
  #nextAt = 0;
  #upSince: number | undefined;

  constructor(unit: string, log: Logger, watch: ServerWatch) {
    this.#unit = unit;
    this.#log = log;
    this.#watch = watch;
    writeOptions('');
  }

  get held(): boolean {
    return runFileExists(HOST_PATHS.holdServer);
  }

  /** Called with every tick. */
  tick(): void {
    const now = performance.now();
    this.#upSince = this.#watch.state === 'up' ? (this.#upSince ?? now) : undefined;
    if (this.#upSince !== undefined && now - this.#upSince > STEADY_MS) this.#attempts = 0;
  }

  /** Settles once the start is under way; throws REFUSED where it may not begin. */
  async start(role: 'master' | 'slave'): Promise<void> {
    this.#check();
    const before = this.#watch.process;
    if (before !== undefined && isListed(before))
      await waitFor('the end of the server before', () => (isListed(before) ? undefined : true), {
        deadlineMs: GONE_MS,
        intervalMs: GONE_POLL_MS,
      });
    this.#check();
    this.#watch.starting(true);
    writeOptions(role === 'slave' ? '--init-rpl-role=SLAVE' : '');
    void this.#run();
  }

  /**
   * Does not wait for the end. Kills the server that was watched and no other: when somebody restarts it (a deploy), the
   * next one may be on its way already, read-only and alone.
   */
  kill(): void {
    const server = this.#watch.process ?? findServer(this.#unit);
    if (server === undefined || !isAlive(server)) return;
    try {
      process.kill(server.pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }

  #check(): void {
    if (this.held)
      throw new AppError('REFUSED', `The server is held down (${HOST_PATHS.holdServer}); it is not started.`);
    if (this.#watch.startUnderWay) throw new AppError('REFUSED', 'The server is being started already.');
    const leftMs = Math.ceil(this.#nextAt - performance.now());
    if (leftMs > 0)
      throw new AppError('REFUSED', `The last start did not last; the next is tried in ${leftMs} ms.`);
  }

  async #run(): Promise<void> {
    try {
      await runCommand(['systemctl', 'start', this.#unit], { timeoutMs: START_MS });
    } catch (error) {
      this.#log.error({ err: error }, 'The server did not start.');
    } finally {
      writeOptions('');
      this.#attempts += 1;
      this.#nextAt = performance.now() + pauseMs(this.#attempts);
      this.#watch.starting(false);
    }
  }
}
