/** What a fault is: data and a few steps. The runner does the rest, the same for every fault. */

import type { LabHost } from '../lab/lab.ts';
import type { LoadTable } from '../lab/load/tables.ts';
import type { Random } from '../simulation/random.ts';
import type { Observed } from './observed.ts';
import type { Stage } from './stage.ts';

/** Who is who when the fault strikes: `a` is the primary, `b` the standby. */
export interface Scene {
  readonly stage: Stage;
  readonly a: LabHost;
  readonly b: LabHost;
  /** The writers'. */
  readonly table: LoadTable;
  readonly random: Random;
  /** Undone when everything else has been healed; last one first. */
  defer(undo: () => Promise<void>): void;
  /** Told with the run: what chance has chosen. */
  note(words: string): void;
}

export interface Expectation {
  readonly failover: 'yes' | 'no' | 'any';
  /** Longest time without an acknowledged row, from the fault until it is healed. `null`: not judged. */
  readonly outageMs: number | null;
  /** Reads through the VIP may be older than what was told before by so much; default 0. */
  readonly staleMs?: number;
  /** `down`: nobody acknowledges from a second after the fault until it is healed. Default `serves`. */
  readonly meanwhile?: 'serves' | 'down';
  /** Whether the pair gets whole without an operator once its hosts are back. Default `alone`. */
  readonly back?: 'alone' | 'operator';
  /** By itself, at the latest so long after its hosts are back; default `backLimitMs` of the judge. */
  readonly backMs?: number;
  /** What strikes may make the pair rest in SOLO (U5 of docs/pair.md); where it does, it has so much longer. */
  readonly mayRest?: true;
  /** What else must be so; each answers what is wrong. */
  readonly also?: readonly ((observed: Observed) => string[])[];
}

export interface Fault {
  /** Number in the list of faults, and a letter where one number has several: `9`, `6a`. */
  readonly id: string;
  readonly name: string;
  /** Hosts need disks of their own. */
  readonly ownDisk?: true;
  /** Why this cannot be tried in the lab at all. */
  readonly impossible?: string;
  /** So many more sessions, which wait for their answers as long as it takes. */
  readonly sessions?: number;
  /** Before the writers start. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  /** Strikes; what it changed on hosts, wires and disks is healed by the stage. */
  readonly inject: (scene: Scene) => Promise<void>;
  /** How long it stays after it has struck. */
  readonly holdMs: number;
  readonly expect: Expectation;
}
