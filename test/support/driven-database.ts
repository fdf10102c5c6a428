/** A LocalDatabase on a host of the lab, driven from a test: see database-driver.ts. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { LocalDatabase, ServerEffect } from '../../agent/guard/database/local-database.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab/lab.ts';
import { HOST_NODE } from './database-pair.ts';

export type DriverRequest =
  | { readonly do: 'facts' }
  | { readonly do: 'cpu' }
  | { readonly do: 'compare'; readonly on: boolean }
  | { readonly do: 'stop-at'; readonly words: string; readonly pid: number }
  | { readonly do: 'perform'; readonly effect: ServerEffect };
export type DriverAnswer =
  | { readonly kind: 'changed'; readonly server: string }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: string };

export type SeenFacts = LocalDatabase['facts'] & {
  readonly positions: LocalDatabase['positions'];
  readonly trouble: string | null;
};

const PROGRAM = '/opt/hotpair/lab/database-driver.cjs';
const WAIT_MS = 20_000;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class DrivenDatabase implements AsyncDisposable {
  /** Every change of the server's state that the guard was told of. */
  readonly changes: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('the driver has no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => this.#heard(JSON.parse(line)));
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the driver has ended'));
    });
  }

  facts(): Promise<SeenFacts> {
    return this.#ask({ do: 'facts' }) as Promise<SeenFacts>;
  }

  cpu(): Promise<NodeJS.CpuUsage> {
    return this.#ask({ do: 'cpu' }) as Promise<NodeJS.CpuUsage>;
  }

  compare(on: boolean): Promise<unknown> {
    return this.#ask({ do: 'compare', on });
  }

  /** The server stops when it is next asked this; `given up` among the changes is the end of that question. */
  stopAt(words: string, pid: number): Promise<unknown> {
    return this.#ask({ do: 'stop-at', words, pid });
  }

  /** The time of an opening counts from when it is performed. */
  perform(effect: ServerEffect): Promise<unknown> {
    return this.#ask({ do: 'perform', effect });
  }

  /** The first facts that `fit`; their text is in the error when there are none. */
  async until(what: string, fit: (facts: SeenFacts) => boolean): Promise<SeenFacts> {
    let seen: SeenFacts | undefined;
    const probe = async (): Promise<SeenFacts | undefined> => {
      seen = await this.facts();
      return fit(seen) ? seen : undefined;
    };
    return waitFor(what, probe, { deadlineMs: WAIT_MS, intervalMs: 20 }).catch((error: unknown) => {
      throw new Error(`no ${what}: ${JSON.stringify(seen)}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  #ask(request: DriverRequest): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    this.#child.stdin?.write(`${JSON.stringify({ id, request })}\n`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #heard(answer: DriverAnswer): void {
    if (answer.kind === 'changed') {
      this.changes.push(answer.server);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'done') waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.error));
  }
}

export async function driveDatabase(host: LabHost, ...options: '--proxied'[]): Promise<DrivenDatabase> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('database-driver.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    write: false,
    logLevel: 'error',
  });
  const path = join(host.root, PROGRAM);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, outputFiles[0]?.contents ?? '');
  const [file = '', ...args] = host.enterArgv([HOST_NODE, PROGRAM, ...options]);
  return new DrivenDatabase(spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
}
