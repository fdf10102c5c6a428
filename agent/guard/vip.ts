/**
 * Whether this host has the virtual address. The kernel's list of addresses is the truth; one long-lived
 * `ip monitor` says when to look, and a look every half second makes up for a monitor that has died.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import type { Logger } from '../../shared/runtime/logger.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import type { GuardConfig } from './config.ts';

export interface VipView {
  readonly present: boolean;
  readonly since: number;
}

const POLL_MS = 500;
const RESTART_MS = 1000;
const REMOVE_MS = 2000;

export class VipWatch {
  view: VipView;
  readonly #config: GuardConfig;
  readonly #log: Logger;
  readonly #changed: () => void;
  #monitor: ChildProcess | undefined;
  #poll: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  /** `changed` is called synchronously when the address has come or gone. */
  constructor(config: GuardConfig, log: Logger, changed: () => void) {
    this.#config = config;
    this.#log = log;
    this.#changed = changed;
    this.view = { present: hasAddress(config.vip), since: performance.now() };
  }

  start(): void {
    this.#poll = setInterval(() => this.look(), POLL_MS);
    this.#listen();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#restart);
    this.#monitor?.kill('SIGKILL');
  }

  look(): void {
    const present = hasAddress(this.#config.vip);
    if (present === this.view.present) return;
    this.view = { present, since: performance.now() };
    this.#changed();
  }

  /** Takes the address off the interface; for one that keepalived left behind. */
  async remove(): Promise<void> {
    const { vip, vipPrefix, interface: device } = this.#config;
    await runCommand(['ip', 'address', 'delete', `${vip}/${vipPrefix}`, 'dev', device], {
      timeoutMs: REMOVE_MS,
    });
    this.look();
  }

  #listen(): void {
    const monitor = spawn('ip', ['-o', 'monitor', 'address'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#monitor = monitor;
    monitor.stdout.on('data', () => this.look());
    monitor.once('error', () => this.#again(monitor));
    monitor.once('close', () => this.#again(monitor));
    this.look();
  }

  #again(monitor: ChildProcess): void {
    if (this.#closed || this.#monitor !== monitor) return;
    this.#monitor = undefined;
    this.#log.warn('The address monitor has ended and is started again.');
    this.#restart = setTimeout(() => this.#listen(), RESTART_MS);
  }
}

function hasAddress(vip: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === vip));
}
