/** What the bench and its process of simulated hosts say to each other. */

import type { ConsoleFigures } from './console-watch.ts';
import type { GuardMode } from './fleet.ts';

export interface SimulatorSettings {
  readonly pairs: number;
  /** The coordinator's data folder, where its authority is. */
  readonly data: string;
  readonly guards: GuardMode;
}

/** What guards asked of the witness. */
export interface VoteFigures {
  readonly asked: number;
  /** Of them, how often the answer was not there when the next was asked. */
  readonly late: number;
}

export type ToSimulator =
  | { readonly kind: 'console'; readonly url: string; readonly token: string }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' };

export type FromSimulator =
  | { readonly kind: 'listening' }
  /** Every agent was subscribed to, and every guard that answers was linked to. */
  | { readonly kind: 'met' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'figures'; readonly figures: ConsoleFigures; readonly votes: VoteFigures };
