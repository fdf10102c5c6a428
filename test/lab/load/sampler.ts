/**
 * Watches which host shows the VIP, from inside each host's network namespace: one `ip monitor` a host, which the
 * kernel tells every change at once, so that no overlap is too short to be seen. A host that boots again has a new
 * namespace and is followed anew.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { netnsArgv } from '../network.ts';
import { run, runSync } from '../run.ts';
import { monotonicMs, monotonicOfWall } from './clock.ts';
import { type VipInterval, type VipObservation, vipIntervals } from './vip-intervals.ts';

export interface VipSampler extends AsyncDisposable {
  /** Starts over with a host that has a new namespace. */
  follow(host: string): Promise<void>;
  /** Hosts that show the VIP now. */
  holders(): string[];
  intervals(): VipInterval[];
  stop(): Promise<void>;
}

/** `[2026-11-22T15:47:00.123456] Deleted 2: eth0    inet 10.88.0.10/24 …`, as `ip -ts -o monitor address` prints it. */
export function parseMonitorLine(
  line: string,
  vip: string,
): { readonly wall: number; readonly has: boolean } | undefined {
  const match = /^\[(\S+?)\] (Deleted )?.*?\sinet (\d+\.\d+\.\d+\.\d+)\//.exec(line);
  if (match === null || match[3] !== vip) return undefined;
  return { wall: wallOf(match[1] ?? ''), has: match[2] === undefined };
}

/** `ip` prints the local time with microseconds and without a zone. */
function wallOf(stamp: string): number {
  const [seconds = '', fraction = '0'] = stamp.split('.');
  return new Date(seconds).getTime() + Number(`0.${fraction}`) * 1000;
}

export async function startVipSampler(
  prefix: string,
  hosts: readonly string[],
  vip: string,
): Promise<VipSampler> {
  const sampler = new Sampler(prefix, vip);
  try {
    for (const host of hosts) await sampler.follow(host);
  } catch (error) {
    await sampler.stop();
    throw error;
  }
  return sampler;
}

class Sampler implements VipSampler {
  readonly #prefix: string;
  readonly #vip: string;
  readonly #observations: VipObservation[] = [];
  readonly #children = new Map<string, ChildProcess>();
  readonly #shown = new Set<string>();

  constructor(prefix: string, vip: string) {
    this.#prefix = prefix;
    this.#vip = vip;
  }

  async follow(host: string): Promise<void> {
    this.#end(host);
    const enter = netnsArgv(this.#prefix, host);
    const [file = 'nsenter', ...args] = [...enter, ...timely(), 'ip', '-ts', '-o', 'monitor', 'address'];
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
    this.#children.set(host, child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const change = parseMonitorLine(line, this.#vip);
      if (change !== undefined && this.#children.get(host) === child)
        this.#observe(host, monotonicOfWall(change.wall), change.has);
    });
    await started(child, host);
    const { stdout } = await run([...enter, 'ip', '-o', 'addr', 'show', 'to', this.#vip]);
    this.#observe(host, monotonicMs(), stdout.includes(` ${this.#vip}/`));
  }

  holders(): string[] {
    return [...this.#shown];
  }

  intervals(): VipInterval[] {
    return vipIntervals(this.#observations);
  }

  async stop(): Promise<void> {
    for (const host of [...this.#children.keys()]) this.#end(host);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #observe(host: string, at: number, has: boolean): void {
    this.#observations.push({ host, at, has });
    if (has) this.#shown.add(host);
    else this.#shown.delete(host);
  }

  #end(host: string): void {
    this.#children.get(host)?.kill('SIGKILL');
    this.#children.delete(host);
  }
}

/** `ip` stamps a change when it is scheduled: ahead of everything else, two hosts' stamps compare to well below 1 ms. */
function timely(): readonly string[] {
  realTime ??= runSync(['chrt', '--fifo', '20', 'true'], { check: false }).code === 0;
  return realTime ? ['chrt', '--fifo', '20'] : [];
}

let realTime: boolean | undefined;

/** Until `ip` listens: it has its netlink socket once it no longer is nsenter or loading. */
async function started(child: ChildProcess, host: string): Promise<void> {
  await waitFor(`the address monitor of ${host}`, async () => (await listens(child)) || undefined, {
    deadlineMs: 5000,
    intervalMs: 5,
  });
}

async function listens(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`ip monitor ended with code ${child.exitCode}`);
  const table = await readFile(`/proc/${child.pid}/net/netlink`, 'utf8').catch(() => '');
  return table.split('\n').some((line) => {
    const [, , portId, groups = '0'] = line.trim().split(/\s+/);
    return portId === String(child.pid) && Number.parseInt(groups, 16) !== 0;
  });
}
