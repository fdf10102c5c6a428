/** What the parts of a drill share: its options, and one task of its progress. */

import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { AgentPorts } from '../choreography/facts.ts';
import type { Progress } from '../cli/progress.ts';

export interface DrillOptions {
  readonly pair: PairSpec;
  readonly ports: AgentPorts;
  /** Password of the verify account. */
  readonly password: string;
  /** PEM of the authority of the servers' certificates. */
  readonly ca: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export type StepOptions = Pick<DrillOptions, 'progress' | 'signal'>;

/** `work` answers a detail for the display, or nothing to add. */
export async function step(
  { progress }: StepOptions,
  id: string,
  title: string,
  work: () => Promise<string>,
): Promise<void> {
  const task = progress.task(id, title);
  try {
    task.done('ok', await work());
  } catch (error) {
    task.fail(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

const BACK_MS = 120_000;

/** Waits until `probe` answers, and answers the time since `since` (performance.now()) in ms. */
export async function timedStep(
  options: StepOptions,
  id: string,
  title: string,
  since: number,
  probe: () => Promise<true | undefined>,
): Promise<number> {
  let took = 0;
  await step(options, id, title, async () => {
    await waitFor(title, probe, { deadlineMs: BACK_MS, intervalMs: 50, signal: options.signal });
    took = performance.now() - since;
    return '';
  });
  return took;
}
