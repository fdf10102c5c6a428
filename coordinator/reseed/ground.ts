/** What the parts of a reseed share: the pair, the two agents, and what was found before anything was done. */

import type { SeedFacts } from '../../shared/model/action-facts.ts';
import type { AgentLink } from '../agents/link.ts';
import type { GuardPair, HostView as GuardView } from '../cli/guard-commands.ts';
import type { ProgressTask } from '../cli/progress.ts';
import type { ReseedPlan } from './words.ts';

export interface ReseedOptions {
  readonly pair: GuardPair;
  readonly host: AgentLink;
  readonly other: AgentLink;
  /** Returns when a person wants it. */
  confirm(plan: ReseedPlan): Promise<void>;
  step<T>(id: string, title: string, work: (task: ProgressTask) => Promise<T>): Promise<T>;
}

export interface Before {
  readonly own: SeedFacts;
  readonly source: SeedFacts;
  readonly guard: GuardView;
  /** The guard runs and has a part in the pair. */
  readonly votes: boolean;
  /** An earlier run has put the copy into place already. */
  readonly goesOn: boolean;
  /** And the host follows the primary with it. */
  readonly follows: boolean;
}

export function signalOf({ pair }: ReseedOptions): { readonly signal: AbortSignal } {
  return { signal: pair.cli.signal };
}

export function waysOf({ pair }: ReseedOptions, task: ProgressTask) {
  return { signal: pair.cli.signal, onProgress: (message: string) => task.update(message) };
}
