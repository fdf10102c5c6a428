/** Puts what is measured of the pairs into the store: every 10 s a sample of each, every minute the coarser steps. */

import { setImmediate } from 'node:timers/promises';
import type { SampleRetention } from '../../shared/model/store-file.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createAttempt } from '../store/attempt.ts';
import type { Store } from '../store/open-store.ts';
import { FINE_MS } from '../store/samples.ts';
import type { PairBoard } from './pair-board.ts';

export interface SamplerOptions {
  readonly board: PairBoard;
  readonly store: Store;
  readonly log: Logger;
  readonly keep: SampleRetention;
}

const ROLL_UP_MS = 60_000;
/** Pairs of one write: a thousand at once would keep everything else of the daemon waiting, the witness included. */
const AT_ONCE = 100;

/** Returns the stop. What cannot be stored (a full disk) is lost, and the watching goes on. */
export function startSampler({ board, store, log, keep }: SamplerOptions): () => void {
  const attempt = createAttempt(log, 'samples could not be stored; those of this time are lost');
  let rolledUp = 0;
  let stopped = false;
  const sample = async (): Promise<void> => {
    const now = Date.now();
    const time = Math.floor((now - FINE_MS / 2) / FINE_MS) * FINE_MS;
    const rows = board.pairs.map(({ spec, meter }) => [spec.name, meter.takeSample()] as const);
    const isDue = now - rolledUp >= ROLL_UP_MS;
    if (isDue) rolledUp = now;
    for (let first = 0; first < rows.length && !stopped; first += AT_ONCE) {
      const part = rows.slice(first, first + AT_ONCE);
      attempt(() => {
        store.samples.add(time, new Map(part.flatMap(([name, values]) => (values ? [[name, values]] : []))));
        const names = part.map(([name]) => name);
        if (isDue) store.samples.rollUp(now - FINE_MS, keep, names);
      });
      await setImmediate();
    }
  };
  const timer = setInterval(sample, FINE_MS);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
