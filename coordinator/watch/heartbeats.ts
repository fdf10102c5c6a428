/**
 * Keeps one agent's heartbeats coming: connects, subscribes, and connects again after a growing pause whenever the
 * connection ends or goes silent. Never gives up; ends with its signal.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import { mergeChanges } from '../../shared/model/heartbeat-changes.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { backoffMs } from '../../shared/time/backoff.ts';
import type { AgentLink } from '../agents/link.ts';

export interface HeartbeatFeed {
  readonly host: string;
  readonly connect: (signal: AbortSignal) => Promise<AgentLink>;
  readonly onHeartbeat: (heartbeat: Heartbeat, link: AgentLink) => void;
  readonly log: Logger;
}

export const HEARTBEAT_MS = 1000;
const SUBSCRIBE_MS = 5000;
/** A connection without heartbeats for this long is a dead one, whatever TCP thinks. */
const SILENCE_MS = 4000;
const PAUSES = { firstMs: 250, mostMs: 5000 } as const;

/** Settles when the signal is aborted; never rejects. */
export async function followHeartbeats(feed: HeartbeatFeed, signal: AbortSignal): Promise<void> {
  let said = '';
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const link = await feed.connect(signal);
      feed.log.info({ host: feed.host, version: link.hello.version }, 'agent connected');
      said = '';
      const heard = await listen(link, feed, signal);
      if (heard) attempt = 0;
      if (!signal.aborted) feed.log.warn({ host: feed.host }, 'agent connection ended');
    } catch (error) {
      const { code, message } = toAppError(error);
      // Once for each cause, not once for each try.
      if (code !== said && !signal.aborted)
        feed.log.warn({ host: feed.host, code, message }, 'agent not reached');
      said = code;
    }
    await delay(backoffMs(attempt, Math.random(), PAUSES), undefined, { signal }).catch(() => undefined);
  }
}

/** Until the connection ends, falls silent, or the signal is aborted; answers whether a heartbeat came. */
async function listen(link: AgentLink, feed: HeartbeatFeed, signal: AbortSignal): Promise<boolean> {
  let heard = false;
  const stop = (): void => link.close();
  signal.addEventListener('abort', stop, { once: true });
  const silence = setTimeout(() => link.close(), SILENCE_MS);
  let known: Heartbeat | null = null;
  link.on('heartbeat', (changes) => {
    try {
      known = mergeChanges(known, changes);
    } catch (error) {
      // What is known does not fit any more: a new connection begins with a complete heartbeat.
      feed.log.warn({ host: feed.host, err: error }, 'heartbeat not understood');
      return link.close();
    }
    heard = true;
    silence.refresh();
    feed.onHeartbeat(known, link);
  });
  try {
    await link.call(
      'heartbeat.subscribe',
      { intervalMs: HEARTBEAT_MS },
      { deadlineMs: SUBSCRIBE_MS, signal },
    );
    await link.closed;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    link.close();
  }
  return heard;
}
