/** Pictures of a pair as alerts look at them: healthy, unless a test says otherwise. */

import type { PairFacts } from '../../coordinator/alerts/rule.ts';
import { initialHostState } from '../../coordinator/watch/host-state.ts';
import { hearPair, initialPairState, type PairState } from '../../coordinator/watch/pair-state.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import { makeHeartbeat, VIP } from './make-heartbeat.ts';
import { NOW, PAIR } from './make-readings.ts';

export interface PictureWish {
  /** A heartbeat, or null: never heard. */
  readonly db1?: (time: number) => Heartbeat | null;
  readonly db2?: (time: number) => Heartbeat | null;
  readonly facts?: Partial<PairFacts>;
}

/** What both hosts said for the last `seconds`, each second, up to `now`. */
export function makeFacts(wish: PictureWish = {}, now: number = NOW, seconds = 6): PairFacts {
  const { db1 = (time) => makeHeartbeat('db1', { time }), db2 = (time) => makeHeartbeat('db2', { time }) } =
    wish;
  let state: PairState = initialPairState(
    ...([PAIR.name, VIP] as const),
    [initialHostState('db1', now - seconds * 1000), initialHostState('db2', now - seconds * 1000)],
    now - seconds * 1000,
  );
  for (let time = now - seconds * 1000; time <= now; time += 1000)
    for (const [host, say] of [
      ['db1', db1],
      ['db2', db2],
    ] as const) {
      const heartbeat = say(time);
      if (heartbeat !== null) state = hearPair(state, host, heartbeat, time);
    }
  return {
    ...{ spec: PAIR, state, deployed: true, work: null, drilledAt: now - 86_400_000, outages: [], now },
    ...wish.facts,
  };
}
