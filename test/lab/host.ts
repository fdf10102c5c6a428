// One host of the lab: boots, runs commands, and goes away politely or not. Its state is that of its cgroup, never of
// a variable, so a host object made by another process tells the same.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPopulated, leaderOf, removeCgroup } from './cgroup.ts';
import { bootPlan, type HostLayout, layoutOf } from './host-layout.ts';
import { launchArgv } from './launch.ts';
import { attach, detach } from './network.ts';
import { releaseDisk } from './own-disk.ts';
import { type CommandResult, run } from './run.ts';
import type { RunRecord } from './run-record.ts';

export interface ExecOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Throw with stderr on a non-zero exit code (default true). */
  readonly check?: boolean;
}

export interface PowerLossOptions {
  readonly loseUnsynced?: boolean;
}

export interface LabHost {
  readonly name: string;
  readonly address: string;
  /** The host's root directory as the outer machine sees it (/proc/PID/root); throws while the host is off. */
  readonly root: string;
  readonly running: boolean;
  /**
   * Runs a command in the host. It belongs to the host's namespaces but not to its cgroup: it dies with the host, but
   * a freeze does not stop it. What must freeze with the host starts as a unit (`systemd-run`).
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<CommandResult>;
  /** argv of the outer machine that runs `argv` in the host: for commands that stream or stay. */
  enterArgv(argv: readonly string[]): string[];
  /** Starts the host and waits until its systemd has started everything; nothing to do when it is on. */
  boot(): Promise<void>;
  powerOff(): Promise<void>;
  /**
   * The plug is pulled: no process, no packet, no flush of its own after this. The disk keeps what the host has
   * written; with `loseUnsynced` (and a lab with `disk: { loopMb }`) only what the host has synced.
   */
  powerLoss(options?: PowerLossOptions): Promise<void>;
  /** Main pid of a unit, as the host counts pids. */
  pidOf(unit: string): Promise<number>;
}

export interface HostPlace {
  readonly record: RunRecord;
  readonly directory: string;
  readonly name: string;
  readonly address: string;
  readonly log: (line: string) => void;
}

const bootTimeoutMs = 60_000;
const powerOffTimeoutMs = 90_000;
/** SIGRTMIN+4, which systemd answers with a clean power-off. */
const powerOffSignal = 38;
/** nspawn's exit code for "the host asked to be rebooted". */
const rebootRequested = 133;
const hostPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export class NspawnHost implements LabHost {
  readonly name: string;
  readonly address: string;
  readonly layout: HostLayout;
  readonly #place: HostPlace;

  constructor(place: HostPlace) {
    this.name = place.name;
    this.address = place.address;
    this.layout = layoutOf(place.record, place.directory, place.name);
    this.#place = place;
  }

  get running(): boolean {
    return leaderOf(this.layout.cgroup) !== undefined;
  }

  get root(): string {
    return `/proc/${this.leader()}/root`;
  }

  leader(): number {
    const pid = leaderOf(this.layout.cgroup);
    if (pid === undefined) throw new Error(`host ${this.name} is off: boot it first`);
    return pid;
  }

  /** Whether the host's disk is a file system of its own. */
  get ownDisk(): boolean {
    return this.#place.record.loopMb !== undefined;
  }

  enterArgv(argv: readonly string[]): string[] {
    const namespaces = ['-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'];
    const env = [
      'env',
      '-i',
      `PATH=${hostPath}`,
      'HOME=/root',
      'LC_ALL=C.UTF-8',
      'DEBIAN_FRONTEND=noninteractive',
    ];
    return ['nsenter', '-t', String(this.leader()), ...namespaces, '--', ...env, ...argv];
  }

  exec(argv: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return run(this.enterArgv(argv), options);
  }

  async boot(): Promise<void> {
    if (this.running) return;
    const { record, log } = this.#place;
    const started = performance.now();
    removeCgroup(this.layout.cgroup);
    await attach(record.prefix, this.name, this.address);
    const deadline = started + bootTimeoutMs;
    const ended = this.#launch();
    while (!this.running) await this.#pause(deadline, ended);
    while (!(await this.#isUp())) await this.#pause(deadline, ended);
    log(`${this.name} is up after ${Math.round(performance.now() - started)} ms`);
  }

  async powerOff(): Promise<void> {
    if (this.running) {
      process.kill(this.leader(), powerOffSignal);
      const deadline = performance.now() + powerOffTimeoutMs;
      while (isPopulated(this.layout.cgroup) && performance.now() < deadline) await sleep(10);
    }
    removeCgroup(this.layout.cgroup);
    detach(this.#place.record.prefix, this.name);
  }

  async powerLoss(options: PowerLossOptions = {}): Promise<void> {
    if (options.loseUnsynced === true && !this.ownDisk) {
      throw new Error(`${this.name} cannot lose data: start the lab with disk: { loopMb: 400 }`);
    }
    detach(this.#place.record.prefix, this.name);
    if (this.ownDisk) releaseDisk(this.layout.cgroup, this.layout.disk, options.loseUnsynced);
    removeCgroup(this.layout.cgroup);
  }

  async pidOf(unit: string): Promise<number> {
    const { stdout } = await this.exec(['systemctl', 'show', '--property=MainPID', '--value', unit]);
    const pid = Number(stdout.trim());
    if (pid === 0) throw new Error(`${unit} has no main process on ${this.name}`);
    return pid;
  }

  /** Starts nspawn apart from this process; the answer tells whether it has ended. */
  #launch(): { readonly code?: number } {
    const { record, log } = this.#place;
    const [file = '', ...args] = launchArgv(bootPlan(record, this.layout, this.name));
    const console = openSync(this.layout.console, 'a', 0o600);
    const child = spawn(file, args, { detached: true, stdio: ['ignore', console, console] });
    closeSync(console);
    child.unref();
    const state: { code?: number } = {};
    child.once('error', () => {
      state.code = 127;
    });
    child.once('exit', (code) => {
      state.code = code ?? 128;
      if (code !== rebootRequested) return;
      log(`${this.name} reboots`);
      this.boot().catch((error: unknown) => log(`${this.name} did not come back: ${String(error)}`));
    });
    return state;
  }

  async #isUp(): Promise<boolean> {
    if (!this.running) return false;
    const argv = ['systemctl', 'is-system-running', '--wait'];
    const { stdout } = await this.exec(argv, { check: false, timeoutMs: bootTimeoutMs });
    return ['running', 'degraded'].includes(stdout.trim());
  }

  async #pause(deadline: number, ended: { readonly code?: number }): Promise<void> {
    if (ended.code !== undefined)
      throw new Error(`${this.name} ended while booting:\n${this.#consoleTail()}`);
    if (performance.now() > deadline) {
      throw new Error(`${this.name} is not up after ${bootTimeoutMs} ms:\n${this.#consoleTail()}`);
    }
    await sleep(10);
  }

  #consoleTail(): string {
    return readFileSync(this.layout.console, 'utf8').trim().split('\n').slice(-20).join('\n');
  }
}
