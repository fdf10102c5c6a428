/** A mistake to plant: replaces a part of the product or of its surroundings by a faulty one. */

import type { Rules } from '../../shared/pair/decide.ts';
import type { Effect } from '../../shared/pair/effects.ts';
import type { NodeFacts } from '../../shared/pair/node-state.ts';
import type { Host } from './host.ts';

export interface Flaw {
  readonly rules?: Partial<Rules>;
  /** What a guard's effect becomes. */
  readonly effect?: (effect: Effect, host: Host) => readonly Effect[];
  readonly facts?: (facts: NodeFacts) => NodeFacts;
  readonly flags?: ReadonlySet<FlawFlag>;
}

export type FlawFlag =
  | 'volatile-promises'
  | 'relative-fence'
  | 'kill-by-sigterm'
  | 'witness-begins-anew'
  | 'unproven-position'
  | 'own-vote-first'
  | 'unwritten-votes'
  | 'no-r3';
