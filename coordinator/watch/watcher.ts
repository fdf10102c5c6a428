/** Watches one pair: heartbeats and the clock in, its picture and its events out. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { DialAgent } from '../agents/fleet-dialer.ts';
import type { Store } from '../store/open-store.ts';
import { followDecisions } from './decisions.ts';
import type { Effects } from './effects.ts';
import { decideEvents } from './failover-events.ts';
import { followHeartbeats } from './heartbeats.ts';
import { awaitTurn, hearPair, isUnchanged, type PairState, tickPair } from './pair-state.ts';
import { RECALLED_KINDS, recallPairState } from './recall.ts';

export interface WatcherOptions {
  readonly pair: PairSpec;
  readonly store: Store;
  readonly effects: Effects;
  readonly log: Logger;
  readonly connect: DialAgent;
  /** Told of every heartbeat, once it is in the picture. */
  readonly onHeartbeat?: (host: string, heartbeat: Heartbeat, state: PairState) => void;
  /** Told of decisions that were stored: the times of the first and the last of them. */
  readonly onDecisions?: (from: number, to: number) => void;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

export interface Watcher {
  readonly state: PairState;
  /** Settles when every connection has ended. */
  readonly done: Promise<void>;
}

const TICK_MS = 250;
/** More than enough for two hosts and a dozen conditions. */
const MEMORY_EVENTS = 1000;

/** A signal takes longer to listen to the more listeners it has, and that of the daemon would have those of all pairs. */
function signalOfItsOwn(signal: AbortSignal): AbortSignal {
  const own = new AbortController();
  if (signal.aborted) own.abort();
  signal.addEventListener('abort', () => own.abort(), { once: true });
  return own.signal;
}

/** Milliseconds on a clock that nobody sets: wall-clock time at the start of the process, monotonic from then on. */
const monotonicNow = (): number => performance.timeOrigin + performance.now();
/** What that clock lacks to the wall clock, which somebody may have set since: the history is kept by the wall clock. */
const skewMs = (): number => Math.round(Date.now() - monotonicNow());

export function startWatcher(options: WatcherOptions): Watcher {
  const { pair, store, effects, log } = options;
  const signal = signalOfItsOwn(options.signal);
  const [first, second] = pair.hosts;
  const history = store.events.list({ pair: pair.name, kinds: RECALLED_KINDS, limit: MEMORY_EVENTS });
  let state = recallPairState(pair.name, pair.vip, [first.name, second.name], history, monotonicNow());
  const step = (after: PairState): void => {
    const events = isUnchanged(state, after) ? [] : decideEvents(state, after, skewMs());
    state = after;
    for (const event of events) effects.record(event);
  };
  const waiting = new Set([first.name, second.name]);
  const tick = (): void => {
    const now = monotonicNow();
    step(tickPair(waiting.size === 0 ? state : awaitTurn(state, waiting, now), now));
  };
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  const feeds = pair.hosts.map((host) => {
    const heard = followDecisions({
      pair: pair.name,
      host: host.name,
      decisions: store.decisions,
      log,
      signal,
      onStored: options.onDecisions,
    });
    return followHeartbeats(
      {
        host: host.name,
        connect: (stop) => options.connect(host, stop, () => waiting.delete(host.name)),
        onHeartbeat: (heartbeat, link) => {
          step(hearPair(state, host.name, heartbeat, monotonicNow()));
          options.onHeartbeat?.(host.name, heartbeat, state);
          const offsetMs = state.hosts.find(({ name }) => name === host.name)?.clockOffsetMs ?? 0;
          heard(heartbeat, link, offsetMs + skewMs());
        },
        log,
      },
      signal,
    );
  });
  return {
    get state() {
      return state;
    },
    done: Promise.all(feeds).then(() => undefined),
  };
}
