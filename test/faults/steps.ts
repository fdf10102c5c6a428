/** What faults of several families do. */

import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '../lab/lab.ts';
import type { Scene } from './fault.ts';

export const SERVER = 'mariadb.service';

/** Kills every process of the unit at once. */
export async function kill(host: LabHost, ...units: readonly string[]): Promise<void> {
  await host.exec(['systemctl', 'kill', '--kill-whom=all', '--signal=SIGKILL', ...units]);
}

/** The plug is pulled; what was not synced is lost. */
export function losePower(host: LabHost): Promise<void> {
  return host.powerLoss({ loseUnsynced: true });
}

/** The witness dies, and stays away until the stage is restored. */
export async function stopCoordinator({ stage }: Scene, thenMs: number): Promise<void> {
  await stage.coordinator.stop('SIGKILL');
  await delay(thenMs);
}
