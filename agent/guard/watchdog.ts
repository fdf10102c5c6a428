/**
 * Tells systemd from within the guard's own loop that it still turns; a guard that stands still is killed and started
 * again (WatchdogSec of its unit). Node cannot send to the notification socket itself, so one small program every
 * two seconds does it, for half a per cent of a core.
 */

import { spawn } from 'node:child_process';

const EVERY_MS = 2000;

export class Watchdog {
  readonly #asked = process.env['NOTIFY_SOCKET'] !== undefined && process.env['WATCHDOG_USEC'] !== undefined;
  #running = false;
  #nextAt = 0;

  /** Called with every tick; does nothing where no watchdog was asked for. */
  tick(): void {
    const now = performance.now();
    if (!this.#asked || this.#running || now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    this.#running = true;
    const ended = (): void => {
      this.#running = false;
    };
    spawn('systemd-notify', ['WATCHDOG=1'], { stdio: 'ignore' }).once('error', ended).once('exit', ended);
  }
}
