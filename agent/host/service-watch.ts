/**
 * The states of a few services again and again, without starting a program each time: what the kernel shows of a unit
 * (its processes, whether it is enabled) is looked at, and only when that has changed is the service manager asked.
 */

import { readFileSync } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import type { ServiceState } from '../../shared/model/facts.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import type { ServiceManager, UnitState } from '../platform/platform.ts';

/** States that a unit stays in by itself; in any other one the manager is asked again. */
const RESTING = new Set(['active', 'inactive', 'failed', 'absent']);
const WANTS = '/etc/systemd/system/multi-user.target.wants';
const UNIT_FOLDERS = ['/etc/systemd/system', '/run/systemd/system', '/lib/systemd/system'];

/** What is only in files changes rarely, and looking at files costs more than looking at the kernel. */
const FILES_EVERY = 5;

interface Seen {
  readonly trace: string;
  readonly state: ServiceState;
}

export class ServiceWatch {
  readonly #manager: ServiceManager;
  readonly #units: readonly string[];
  readonly #cgroups: string;
  readonly #seen = new Map<string, Seen>();
  #files: readonly string[] = [];
  #reads = 0;

  constructor(manager: ServiceManager, units: readonly string[], cgroups = '/sys/fs/cgroup/system.slice') {
    this.#manager = manager;
    this.#units = units;
    this.#cgroups = cgroups;
  }

  async read(): Promise<ServiceState[]> {
    if (this.#reads % FILES_EVERY === 0) this.#files = await Promise.all(this.#units.map(traceFiles));
    this.#reads += 1;
    const traces = this.#units.map((unit, index) => `${this.#oldestProcess(unit)} ${this.#files[index]}`);
    const stale = this.#units.filter((unit, index) => {
      const seen = this.#seen.get(unit);
      return seen === undefined || seen.trace !== traces[index] || !RESTING.has(seen.state.active);
    });
    if (stale.length > 0) await this.#ask(stale, traces);
    return this.#units.flatMap((unit) => this.#seen.get(unit)?.state ?? []);
  }

  async #ask(units: readonly string[], traces: readonly string[]): Promise<void> {
    const options = { timeoutMs: 5000, check: false };
    const answer = await runCommand(this.#manager.showArgv(units), options);
    for (const state of this.#manager.parseShow(answer.stdout, units)) {
      const trace = traces[this.#units.indexOf(state.unit)] ?? '';
      this.#seen.set(state.unit, { trace, state: toServiceState(state) });
    }
  }

  /** Workers come and go behind the first process of a unit. The kernel answers from memory: no wait, no thread. */
  #oldestProcess(unit: string): string {
    try {
      return readFileSync(`${this.#cgroups}/${unit}/cgroup.procs`, 'utf8').split('\n', 1)[0] ?? '';
    } catch {
      return '';
    }
  }
}

/** A text that changes when the unit is enabled, disabled, installed or removed. */
async function traceFiles(unit: string): Promise<string> {
  const [wanted, ...files] = await Promise.all([
    readlink(`${WANTS}/${unit}`).catch(() => ''),
    ...UNIT_FOLDERS.map((folder) => isThere(`${folder}/${unit}`)),
  ]);
  return [wanted, ...files].join(' ');
}

export function toServiceState(state: UnitState): ServiceState {
  const { unit, active, enabled, pid, activeSince } = state;
  return { unit, active, enabled, pid, since: activeSince === null ? null : Math.floor(activeSince) };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
