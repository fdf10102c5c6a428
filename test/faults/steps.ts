/** What faults of several families do. */

import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '../lab/lab.ts';
import type { Scene } from './fault.ts';
import type { Stage } from './stage.ts';

export const SERVER = 'mariadb.service';
export const GUARD = 'hotpair-guard.service';

/** Kills every process of the units at once. */
export async function kill({ lab }: Stage, host: LabHost, ...units: readonly string[]): Promise<void> {
  await Promise.all(units.map((unit) => lab.faults.killProcess(host.name, unit)));
}

/** The plug is pulled; on a disk of its own, what was not synced is lost. */
export function losePower({ ownDisks }: Stage, host: LabHost): Promise<void> {
  return host.powerLoss({ loseUnsynced: ownDisks });
}

/** The witness dies, and stays away until the stage is restored. */
export async function stopCoordinator({ stage }: Scene, thenMs: number): Promise<void> {
  await stage.coordinator.stop('SIGKILL');
  await delay(thenMs);
}

/** Nothing on the primary's host runs any more, but its kernel. */
export async function freeze({ stage, a }: Scene): Promise<void> {
  await stage.lab.faults.freeze(a.name);
}

/** Asks for a planned switchover; answers why it did not happen, or undefined. */
export async function switchOver({ stage, note }: Scene, to: string): Promise<string | undefined> {
  try {
    await stage.hotpair.documentOf('switchover', '--to', to, '--yes');
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    note(words);
    return words;
  }
}
