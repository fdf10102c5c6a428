/** All faults, in the order of their numbers. */

import { addressFaults } from './addresses.ts';
import { clockFaults } from './clocks.ts';
import { coordinatorFaults } from './coordinator.ts';
import { crashes } from './crashes.ts';
import { diskFaults } from './disks.ts';
import { doubleFaults } from './double-faults.ts';
import type { Fault } from './fault.ts';
import { nemesis } from './nemesis.ts';
import { operatorFaults } from './operator.ts';
import { partitions } from './partitions.ts';

export const faults: readonly Fault[] = [
  ...crashes,
  ...doubleFaults,
  ...partitions,
  ...addressFaults,
  ...coordinatorFaults,
  ...diskFaults,
  ...operatorFaults,
  ...clockFaults,
  nemesis,
].sort((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }));

/** Faults that a word of --only means: one (`2`, `6a`), all of a number (`6`), or those with the word in their name. */
export function faultsNamed(word: string): Fault[] {
  const one = faults.find(({ id }) => id === word);
  if (one !== undefined) return [one];
  if (/^\d+$/.test(word)) return faults.filter(({ id }) => Number.parseInt(id, 10) === Number(word));
  return faults.filter(({ name }) => name.includes(word));
}
