/** The pairs as their agents tell them, kept up to date as the daemon does, but with nothing recorded. */

import type { PairDetail } from '../../../shared/api/pair-view.ts';
import type { HotpairSpec, PairSpec } from '../../../shared/model/pair-spec.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { connectAgent } from '../../agents/link.ts';
import { loadOrCreatePki } from '../../agents/pki.ts';
import { PairMeter } from '../../api/pair-meter.ts';
import { OUTAGE_DAYS, viewPair } from '../../api/pair-view.ts';
import type { EventKind } from '../../store/event-kinds.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { followHeartbeats } from '../../watch/heartbeats.ts';
import { hearPair, type PairState, tickPair } from '../../watch/pair-state.ts';
import { RECALLED_KINDS, recallPairState } from '../../watch/recall.ts';

export interface PairFeed {
  /** What is known now. */
  view(): PairDetail;
  /** Settles when every connection has ended. */
  readonly done: Promise<void>;
}

/** The history of one pair, oldest first; of a store that cannot be read there is none. */
export type History = (kinds: readonly EventKind[], since: number) => readonly StoredEvent[];

const CONNECT_MS = 3000;
const OUTAGE_MS = OUTAGE_DAYS * 86_400_000;
const SHOWN_KINDS: readonly EventKind[] = ['VipMoved', 'VipRestored', 'DrillStarted', 'DrillFinished'];

/** Ends with its signal. */
export function feedPair(spec: HotpairSpec, pair: PairSpec, history: History, signal: AbortSignal): PairFeed {
  const names = [pair.hosts[0].name, pair.hosts[1].name] as const;
  const meter = new PairMeter();
  let state = recallPairState(pair.name, pair.vip, names, history(RECALLED_KINDS, 0), Date.now());
  const log = createLogger('status', 'silent');
  const feeds = pair.hosts.map((host) =>
    followHeartbeats(
      {
        ...{ host: host.name, log, connect: (stop) => connect(spec, host, stop) },
        onHeartbeat: (heartbeat) => {
          state = hearPair(state, host.name, heartbeat, Date.now());
          meter.hear(host.name, heartbeat, state);
        },
      },
      signal,
    ),
  );
  return {
    view: () => {
      state = tickPair(state, Date.now());
      return viewOf(pair, state, meter, history);
    },
    done: Promise.all(feeds).then(() => undefined),
  };
}

function viewOf(pair: PairSpec, state: PairState, meter: PairMeter, history: History): PairDetail {
  const events = history(SHOWN_KINDS, Date.now() - OUTAGE_MS);
  return viewPair(pair, state, {
    ...{ events, modeSince: meter.modeSince, rate: (host: string) => meter.rate(host) },
    lastDrill: events.findLast(({ kind }) => kind === 'DrillFinished')?.time ?? null,
  });
}

async function connect(spec: HotpairSpec, host: PairSpec['hosts'][number], signal: AbortSignal) {
  const { data, agentPort } = spec.coordinator;
  const identity = (await loadOrCreatePki(data)).clientIdentity();
  return connectAgent(host, { identity, port: agentPort, deadlineMs: CONNECT_MS, signal });
}
