/**
 * The one WebSocket of the page. It is opened again after every end, later each time, and at once when the browser is back
 * on the network; a connection on which nothing comes any more counts as ended. The token goes in the first message.
 */

import type { LiveMessage, LiveRequest } from '../../../shared/api/live.ts';
import { backoffMs } from '../../../shared/time/backoff.ts';

export type Connection = 'connecting' | 'live' | 'stale';

export interface LiveFeedOptions {
  readonly token: string;
  readonly sinceEvent: () => number | null;
  readonly onMessage: (message: LiveMessage) => void;
  readonly onConnection: (connection: Connection) => void;
}

export interface LiveFeed {
  watch(pair: string | null): void;
  stop(): void;
}

const BACKOFF = { firstMs: 500, mostMs: 10_000 };
/** A tick comes every 5 s. */
const SILENCE_MS = 12_000;

export function startLiveFeed(options: LiveFeedOptions): LiveFeed {
  let socket: WebSocket | null = null;
  let watched: string | null = null;
  let attempt = 0;
  let timer = 0;
  let stopped = false;

  const later = (work: () => void, ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  };
  const send = (request: LiveRequest): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  };
  const lost = (): void => {
    if (stopped) return;
    abandon();
    options.onConnection('stale');
    later(open, backoffMs(attempt, Math.random(), BACKOFF));
    attempt += 1;
  };
  const abandon = (): void => {
    const old = socket;
    socket = null;
    old?.close();
  };
  const hear = (message: LiveMessage): void => {
    later(lost, SILENCE_MS);
    if (message.type === 'ready') {
      attempt = 0;
      options.onConnection('live');
      if (watched !== null) send({ type: 'watch', pair: watched });
    }
    options.onMessage(message);
  };
  function open(): void {
    abandon();
    const fresh = new WebSocket(
      `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live`,
    );
    socket = fresh;
    later(lost, SILENCE_MS);
    fresh.onopen = () => {
      const sinceEvent = options.sinceEvent();
      send({ type: 'hello', token: options.token, ...(sinceEvent === null ? {} : { sinceEvent }) });
    };
    fresh.onmessage = ({ data }) => {
      if (fresh === socket) hear(JSON.parse(String(data)) as LiveMessage);
    };
    fresh.onclose = () => {
      if (fresh === socket) lost();
    };
  }
  const again = (): void => {
    if (!stopped && socket === null) open();
  };
  addEventListener('online', again);
  options.onConnection('connecting');
  open();
  return {
    watch: (pair) => {
      watched = pair;
      send({ type: 'watch', pair });
    },
    stop: () => {
      stopped = true;
      removeEventListener('online', again);
      clearTimeout(timer);
      abandon();
    },
  };
}
