/** Follows what the guard of each host says of itself, through the host's own status file. */

import type { GuardState } from '../../shared/model/facts.ts';
import type { LabHost } from '../lab/lab.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import { readGuardStatus } from '../lab/load/voting.ts';

export interface StatusChange {
  readonly host: string;
  /** monotonicMs() */
  readonly at: number;
  readonly status: GuardState;
}

const everyMs = 50;

export class StatusWatch implements Disposable {
  readonly changes: StatusChange[] = [];
  readonly #last = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #busy = false;

  constructor(hosts: readonly LabHost[]) {
    this.#timer = setInterval(() => void this.#look(hosts), everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(hosts: readonly LabHost[]): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await Promise.all(hosts.map((host) => this.#lookAt(host)));
    this.#busy = false;
  }

  async #lookAt(host: LabHost): Promise<void> {
    const status = await readGuardStatus(host);
    if (status === undefined) return;
    const { updated: _updated, ...content } = status;
    const text = JSON.stringify(content);
    if (text === this.#last.get(host.name)) return;
    this.#last.set(host.name, text);
    this.changes.push({ host: host.name, at: monotonicMs(), status });
  }
}
