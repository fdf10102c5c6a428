/** Puts what is measured of the pairs into the store: every 10 s a sample of each, every minute the coarser steps. */

import type { SampleRetention } from '../../shared/model/store-file.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createAttempt } from '../store/attempt.ts';
import type { Store } from '../store/open-store.ts';
import { FINE_MS, type SampleValues } from '../store/samples.ts';
import type { PairBoard } from './pair-board.ts';

export interface SamplerOptions {
  readonly board: PairBoard;
  readonly store: Store;
  readonly log: Logger;
  readonly keep: SampleRetention;
}

const ROLL_UP_MS = 60_000;

/** Returns the stop. What cannot be stored (a full disk) is lost, and the watching goes on. */
export function startSampler({ board, store, log, keep }: SamplerOptions): () => void {
  const attempt = createAttempt(log, 'samples could not be stored; those of this time are lost');
  let rolledUp = 0;
  const sample = (): void => {
    const now = Date.now();
    const rows = new Map<string, SampleValues>();
    for (const { spec, meter } of board.pairs) {
      const values = meter.takeSample();
      if (values !== null) rows.set(spec.name, values);
    }
    attempt(() => {
      store.samples.add(Math.floor((now - FINE_MS / 2) / FINE_MS) * FINE_MS, rows);
      if (now - rolledUp < ROLL_UP_MS) return;
      rolledUp = now;
      store.samples.rollUp(
        now - FINE_MS,
        keep,
        board.pairs.map(({ spec }) => spec.name),
      );
    });
  };
  const timer = setInterval(sample, FINE_MS);
  return () => clearInterval(timer);
}
