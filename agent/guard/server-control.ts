/**
 * Starts and kills the local server. It is started through systemd with the options of /run/hotpair/server.env, and
 * killed by its pid: a hung server is no reason to wait for a message bus.
 */

import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { readRunFile, writeRunFile } from './run-file.ts';

/** Recovery after a crash can take long; systemd has its own limit. */
const START_MS = 900_000;
const KILL_MS = 5000;
const MAIN_PID_MS = 2000;
const PAUSES_MS = [0, 1000, 5000, 10_000, 30_000, 60_000] as const;
/** A server that stayed up this long starts a new series. */
const STEADY_MS = 5000;

export class ServerControl {
  /** Monotonic time before which no start is tried. */
  nextStartAt = 0;
  readonly #unit: string;
  readonly #log: Logger;
  #attempt = 0;
  #startedAt = 0;
  #pid: number | undefined;

  constructor(unit: string, log: Logger) {
    this.#unit = unit;
    this.#log = log;
  }

  /** Settles when the server is ready or has failed to start; the pause before the next try is set then. */
  async start(role: 'master' | 'slave'): Promise<void> {
    if (performance.now() - this.#startedAt > STEADY_MS) this.#attempt = 0;
    writeOptions(role === 'slave' ? '--init-rpl-role=SLAVE' : '');
    try {
      await runCommand(['systemctl', 'start', this.#unit], { timeoutMs: START_MS });
    } catch (error) {
      this.#log.error({ err: error }, 'The server did not start.');
    } finally {
      writeOptions('');
      this.#attempt += 1;
      this.#startedAt = performance.now();
      this.nextStartAt = this.#startedAt + pauseMs(this.#attempt);
    }
  }

  /** Remembers who to kill while the server can still be asked; called whenever it has come up. */
  async learnPid(): Promise<void> {
    const argv = ['systemctl', 'show', '--property=MainPID', '--value', this.#unit];
    const { stdout } = await runCommand(argv, { timeoutMs: MAIN_PID_MS });
    const pid = Number(stdout.trim());
    this.#pid = Number.isInteger(pid) && pid > 1 ? pid : undefined;
  }

  async kill(): Promise<void> {
    if (this.#pid !== undefined && isServer(this.#pid)) process.kill(this.#pid, 'SIGKILL');
    else await runCommand(['systemctl', 'kill', '--signal=SIGKILL', this.#unit], { timeoutMs: KILL_MS });
  }
}

/** The role is for one start: left behind, it would drop acknowledged rows at a start that somebody else makes. */
export function writeOptions(options: string): void {
  writeRunFile(HOST_PATHS.serverEnvironment, `MYSQLD_OPTS="${options}"\n`);
}

export function pauseMs(attempt: number): number {
  return PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0;
}

/** A pid that another program has got meanwhile is left alone. */
function isServer(pid: number): boolean {
  return /^(mariadbd|mysqld)$/.test(readRunFile(`/proc/${pid}/comm`)?.trim() ?? '');
}
