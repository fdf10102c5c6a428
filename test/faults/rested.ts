/**
 * A pair that has changed between SYNC and SOLO three times within a minute rests in SOLO for another one (U5 of
 * docs/pair.md). A fault that follows others closely would meet that, and be judged for what they have done.
 */

import { FLAPS } from '../../shared/pair/table/conditions.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import type { PairUnderTest } from '../lab/load/pair-under-test.ts';
import { readDecisions } from './decisions.ts';

/** SOLO and SYNC, as a primary takes note of them. */
const CHANGES: ReadonlySet<string> = new Set(['D1', 'U1']);
/** What one fault may need: there and back, twice. */
const LEFT = 4;

export async function untilRested(pair: PairUnderTest, signal: AbortSignal): Promise<void> {
  const rested = async (): Promise<true | undefined> => {
    const decisions = await readDecisions(pair.hosts, monotonicMs() - TIMING.flapMs);
    const changes = decisions.filter(({ decision }) => CHANGES.has(decision.row));
    const most = Math.max(
      ...pair.hosts.map(({ name }) => changes.filter(({ host }) => host === name).length),
    );
    return most <= FLAPS - LEFT || undefined;
  };
  await waitFor('a pair that did not just change between SYNC and SOLO', rested, {
    ...{ deadlineMs: 2 * TIMING.flapMs, intervalMs: 1000, signal },
  });
}
