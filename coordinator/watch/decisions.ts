/**
 * Brings what a host's guard decided into the store: whenever a heartbeat names another last decision than the one that
 * is stored, everything after that one is fetched, also what was decided while nobody watched.
 */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { AgentLink } from '../agents/link.ts';
import type { DecisionLog } from '../store/decisions.ts';

export interface DecisionFeed {
  readonly pair: string;
  readonly host: string;
  readonly decisions: DecisionLog;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Decisions were stored that were made from `from` to `to`, on the coordinator's clock. */
  readonly onStored?: ((from: number, to: number) => void) | undefined;
}

const FETCH_MS = 10_000;
/** A decision is 1 to 2 kB. */
const BATCH = 200;

/** The answer is told each heartbeat; it never throws and lets nobody wait. */
export function followDecisions(
  feed: DecisionFeed,
): (heartbeat: Heartbeat, link: AgentLink, offsetMs: number) => void {
  const { pair, host, decisions, log } = feed;
  let known: string | null = null;
  let busy = false;
  let said = '';
  const fetch = async (last: string, link: AgentLink, offsetMs: number): Promise<void> => {
    try {
      if (decisions.last(pair, host) !== last) await fetchAll(feed, link, offsetMs);
      // Also where the file lacks it (a full disk): it is not asked for again.
      known = last;
      said = '';
    } catch (error) {
      const { code, message } = toAppError(error);
      // Once for each cause: the next heartbeat tries again.
      if (code !== said && !feed.signal.aborted) log.warn({ host, code, message }, 'decisions not read');
      said = code;
    }
    busy = false;
  };
  return (heartbeat, link, offsetMs) => {
    const last = heartbeat.guard?.voting?.decision ?? null;
    if (last === null || last === known || busy) return;
    busy = true;
    void fetch(last, link, offsetMs);
  };
}

async function fetchAll(feed: DecisionFeed, link: AgentLink, offsetMs: number): Promise<void> {
  const { pair, host, decisions, signal } = feed;
  let after = decisions.last(pair, host);
  for (;;) {
    const call = { after, limit: BATCH };
    const batch = await link.call('decisions', call, { deadlineMs: FETCH_MS, signal });
    // The store closes when the watching has ended.
    if (signal.aborted) return;
    decisions.add(pair, host, batch, offsetMs);
    const [oldest, newest] = [batch[0], batch.at(-1)];
    if (oldest !== undefined && newest !== undefined)
      feed.onStored?.(oldest.at + offsetMs, newest.at + offsetMs);
    after = newest?.id ?? null;
    if (batch.length < BATCH) return;
  }
}
