/** What hosts and clients said during a run, in a folder of its own: kept when the run is worth reading. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../lab/lab.ts';
import type { HostLog } from './timeline.ts';

const units = ['hotpair-guard', 'hotpair-agent', 'mariadb', 'keepalived'];
const lookMs = 200;

export class Journals implements Disposable {
  readonly folder: string;
  readonly #hosts: readonly LabHost[];
  readonly #since = `@${Math.floor(Date.now() / 1000)}`;
  readonly #followers = new Map<LabHost, ChildProcess>();
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string, hosts: readonly LabHost[]) {
    this.folder = folder;
    this.#hosts = hosts;
    mkdirSync(folder, { recursive: true });
    this.#follow();
    this.#timer = setInterval(() => this.#follow(), lookMs);
  }

  /** A file of this run. */
  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: unknown): void {
    writeFileSync(this.path(name), `${JSON.stringify(content, null, 1)}\n`);
  }

  writeLines(name: string, lines: readonly string[]): void {
    writeFileSync(this.path(name), `${lines.join('\n')}\n`);
  }

  /** What the hosts have said so far. */
  logs(): HostLog[] {
    return this.#hosts.map(({ name }) => ({ host: name, text: readFileSync(this.#logOf(name), 'utf8') }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const child of this.#followers.values()) endGroup(child);
  }

  /** A follower dies with its host, and is there again when the host is. */
  #follow(): void {
    for (const host of this.#hosts) {
      const child = this.#followers.get(host);
      const follows = child !== undefined && child.exitCode === null && child.signalCode === null;
      if (!follows && host.running) this.#start(host, child === undefined ? this.#since : '@0');
    }
  }

  #logOf(host: string): string {
    return this.path(`${host}.log`);
  }

  #start(host: LabHost, since: string): void {
    const journal = ['journalctl', '--follow', '--no-hostname', '--output=short-precise', `--since=${since}`];
    const file = openSync(this.#logOf(host.name), 'a', 0o600);
    try {
      const [program = '', ...args] = host.enterArgv([...journal, ...units.map((unit) => `--unit=${unit}`)]);
      const child = spawn(program, args, { stdio: ['ignore', file, 'ignore'], detached: true });
      child.on('error', () => undefined);
      this.#followers.set(host, child);
    } catch {
      // the host has just gone; the next look finds it again
    } finally {
      closeSync(file);
    }
  }
}

/** nsenter and the command it started in the host. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it went with its host
  }
}
