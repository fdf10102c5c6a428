/**
 * What the daemon tells its consoles while it happens: states of pairs, events and jobs, over one WebSocket each.
 *
 * Invariants: nothing is told before a token was shown, and nothing any more within seconds after the token has ceased to
 * count; a state is worked out once, however many listen; who does not keep up is cut off and comes back with what it has.
 */

import type { WebSocket } from 'ws';
import { type LiveMessage, type LiveRequest, LiveRequestSchema } from '../../shared/api/live.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { decode } from '../../shared/protocol/decode.ts';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import { viewEvent } from '../api/history.ts';
import type { Jobs } from '../api/jobs.ts';
import type { PairBoard } from '../api/pair-board.ts';
import type { Store } from '../store/open-store.ts';
import { isValid, type StoredToken } from '../store/tokens.ts';
import { authenticate } from './auth.ts';
import { toProblem } from './problem.ts';

export interface LiveFeedOptions {
  readonly board: PairBoard;
  readonly jobs: Jobs;
  readonly store: Store;
}

interface Session {
  readonly socket: WebSocket;
  token: StoredToken | null;
  watched: string | null;
}

const FLUSH_MS = 250;
const TICK_MS = 5000;
const HELLO_MS = 5000;
const MOST_SESSIONS = 200;
const MOST_UNSENT_BYTES = 4 * 1024 * 1024;
const MOST_MISSED = 1000;
/** https://www.iana.org/assignments/websocket/websocket.xml: policy violation, try again later. */
const CLOSE = { policy: 1008, later: 1013 } as const;

export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #sessions = new Set<Session>();
  readonly #dirty = new Set<string>();
  /** The summary of each pair as it was sent last. */
  readonly #told = new Map<string, string>();
  readonly #stops: readonly (() => void)[];

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    const flush = setInterval(() => this.#flush(), FLUSH_MS);
    const tick = setInterval(() => this.#tick(), TICK_MS);
    const heard = (pair: string): void => void this.#dirty.add(pair);
    this.#stops = [
      () => clearInterval(flush),
      () => clearInterval(tick),
      options.board.listen({
        pairHeard: heard,
        eventStored: (event) => {
          heard(event.pair);
          this.#broadcast({ type: 'event', event: viewEvent(event) });
        },
        eventCorrected: (event) => this.#broadcast({ type: 'event', event: viewEvent(event) }),
      }),
      options.board.listen({
        decisionsStored: (pair, from, to) =>
          this.#broadcast({ type: 'decisions', pair, from, to }, ({ watched }) => watched === pair),
      }),
      options.jobs.listen((job) => this.#broadcast({ type: 'job', job })),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const { socket } of this.#sessions) socket.terminate();
  }

  /** `shown` is a token that came with the handshake. */
  connect(socket: WebSocket, shown: string | undefined): void {
    const session: Session = { socket, token: null, watched: null };
    if (this.#sessions.size >= MOST_SESSIONS) {
      socket.close(CLOSE.later);
      return;
    }
    this.#sessions.add(session);
    const patience = setTimeout(() => session.token ?? socket.close(CLOSE.policy), HELLO_MS);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(patience);
      this.#sessions.delete(session);
    });
    socket.on('message', (bytes, isBinary) => {
      try {
        if (isBinary) throw new AppError('INVALID_PARAMS', 'Messages are JSON text.');
        this.#take(session, readRequest(String(bytes)), shown);
      } catch (error) {
        send(session, { type: 'bye', problem: toProblem(error) });
        socket.close(CLOSE.policy);
      }
    });
  }

  #take(session: Session, request: LiveRequest, shown: string | undefined): void {
    if (request.type === 'hello') {
      this.#welcome(session, request, shown);
      return;
    }
    if (session.token === null)
      throw new AppError('UNAUTHENTICATED', 'The first message is hello, with a token.');
    if (request.pair !== null)
      send(session, { type: 'pair', pair: this.#options.board.detail(request.pair) });
    session.watched = request.pair;
  }

  #welcome(
    session: Session,
    { token: given, sinceEvent }: Extract<LiveRequest, { type: 'hello' }>,
    shown: string | undefined,
  ): void {
    const { board, store } = this.#options;
    const token = authenticate(store.tokens, given ?? shown);
    const { name, role } = token;
    session.token = token;
    const lastEvent = store.events.lastId();
    const pairs = board.summaries();
    send(session, { type: 'ready', version: HOTPAIR_VERSION, name, role, pairs, lastEvent });
    if (sinceEvent === undefined) return;
    for (const event of store.events.list({ sinceId: sinceEvent, limit: MOST_MISSED }))
      send(session, { type: 'event', event: viewEvent(event) });
  }

  #flush(): void {
    const wanted = this.#sessions.size > 0;
    const changed = wanted ? [...this.#dirty].filter((name) => this.#options.board.has(name)) : [];
    this.#dirty.clear();
    const { board } = this.#options;
    const watched = new Set([...this.#sessions].map((session) => session.watched));
    const summaries = changed.flatMap((name) => {
      if (watched.has(name))
        this.#broadcast({ type: 'pair', pair: board.detail(name) }, (session) => session.watched === name);
      const summary = board.summary(name);
      const text = JSON.stringify(summary);
      if (text === this.#told.get(name)) return [];
      this.#told.set(name, text);
      return [summary];
    });
    if (summaries.length > 0) this.#broadcast({ type: 'pairs', pairs: summaries });
  }

  #tick(): void {
    const now = Date.now();
    for (const session of this.#sessions) {
      if (session.token === null) continue;
      if (!this.#counts(session.token, now)) session.socket.close(CLOSE.policy);
      else if (session.socket.bufferedAmount > MOST_UNSENT_BYTES) session.socket.terminate();
    }
    this.#broadcast({ type: 'tick', time: now });
  }

  /** A store that cannot be read now is asked again at the next tick. */
  #counts({ id }: StoredToken, now: number): boolean {
    try {
      const token = this.#options.store.tokens.get(id);
      return token !== null && isValid(token, now);
    } catch {
      return true;
    }
  }

  #broadcast(message: LiveMessage, to: (session: Session) => boolean = () => true): void {
    const receivers = [...this.#sessions].filter((session) => session.token !== null && to(session));
    if (receivers.length === 0) return;
    const text = JSON.stringify(message);
    for (const { socket } of receivers) if (socket.readyState === socket.OPEN) socket.send(text);
  }
}

function send({ socket }: Session, message: LiveMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** Throws INVALID_PARAMS. */
function readRequest(text: string): LiveRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('INVALID_PARAMS', 'Messages are JSON text.', { cause: error });
  }
  return decode(LiveRequestSchema, value, 'message');
}
