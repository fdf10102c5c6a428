/**
 * The connection that tells whether the local server lives: its death is heard from the socket, its silence is a hang.
 * Nothing else uses it, so nothing else can make the server look dead.
 *
 * Invariants:
 * - `down` only when the process is gone; one that is still ending, or has no socket yet, is `starting`;
 * - `hung` after `hangMs` without an answer, this process's own stalls not counted; while an answer is waited for on
 *   another connection this one goes on asking: a server that stops in between is silent here, too;
 * - `up` is said by whoever read the server completely (confirm), not by a connection alone.
 */

import type { NodeFacts } from '../../../shared/pair/node-state.ts';
import { type DatabaseLink, openLink, type SqlRow, serverErrno } from '../database-link.ts';
import { findServer, isAlive, type ServerProcess } from './server-process.ts';

export type ServerState = NodeFacts['server'];

export interface ServerWatchOptions {
  readonly socket: string;
  readonly unit: string;
  readonly hangMs: number;
  /** Called synchronously when the state has changed. */
  readonly changed: () => void;
}

const CONNECT_MS = 1000;
/** The asking side never gives up by itself: whether silence is a hang is decided from its length. */
const NO_DEADLINE_MS = 24 * 3600 * 1000;
const PROBE = 'SELECT 1';
const DYING_POLL_MS = 5;
/** A server that was asked to stop may take this long; after that it is stuck. */
const STOPPING_MS = 10_000;

export class ServerWatch {
  /** Until the first attempt to connect has ended nothing is known, which is no reason to start a server. */
  state: ServerState = 'starting';
  known = false;
  /** Counts the servers seen; 0 before the first. */
  run = 0;
  process: ServerProcess | undefined;
  serverId = 0;
  /** A start of ours is under way. */
  startUnderWay = false;
  readonly #options: ServerWatchOptions;
  #link: DatabaseLink | undefined;
  #connecting: Promise<void> | undefined;
  /** Since when nothing was answered although something was asked, and how much that is. */
  #waitingSince: number | undefined;
  #unanswered = 0;
  #lostAt: number | undefined;
  #closed = false;

  constructor(options: ServerWatchOptions) {
    this.#options = options;
  }

  /** Connects where there is no connection, and finds out about silence. `reading`: the server is being read. */
  tick(stallMs: number, reading: boolean): void {
    if (this.#waitingSince !== undefined) this.#waitingSince += Math.max(0, stallMs);
    if (this.#link === undefined) void this.connect();
    else if (reading && this.#unanswered === 0) void this.ask(PROBE);
    const since = this.#waitingSince;
    if (since === undefined) return;
    // A server that is starting takes connections before it answers them.
    if (this.startUnderWay && this.#link === undefined) return;
    if (performance.now() - since > this.#options.hangMs) this.#enter('hung');
  }

  /** Settles when the attempt to connect has ended, one way or the other. */
  connect(): Promise<void> {
    if (this.#link !== undefined || this.#closed) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** The row, or undefined when the server went away instead. */
  async ask(sql: string): Promise<SqlRow | undefined> {
    const link = this.#link;
    if (link === undefined) return undefined;
    this.#unanswered += 1;
    this.#waitingSince ??= performance.now();
    try {
      const [row] = await link.query(sql, NO_DEADLINE_MS);
      if (this.#link !== link) return undefined;
      this.#unanswered -= 1;
      this.#waitingSince = this.#unanswered === 0 ? undefined : performance.now();
      return row;
    } catch {
      link.destroy();
      this.#lost(link);
      return undefined;
    }
  }

  /** Whoever asked has read everything that there is to know. */
  confirm(): void {
    if (this.#link !== undefined) this.#enter('up');
  }

  /** A start of ours has begun, or has come to its end. */
  starting(underWay: boolean): void {
    this.startUnderWay = underWay;
    if (underWay) this.#enter('starting');
    else void this.connect();
  }

  close(): void {
    this.#closed = true;
    this.#link?.destroy();
    this.#link = undefined;
  }

  async #connect(): Promise<void> {
    const startedAt = performance.now();
    this.#waitingSince = startedAt;
    try {
      const link = await openLink({ socket: this.#options.socket }, CONNECT_MS);
      const [hello] = await link.query('SELECT @@pid_file AS pidFile, @@server_id AS serverId', CONNECT_MS);
      if (this.#closed) {
        link.destroy();
        return;
      }
      this.#meet(String(hello?.['pidFile'] ?? ''), Number(hello?.['serverId'] ?? 0));
      this.#link = link;
      this.#waitingSince = undefined;
      this.#unanswered = 0;
      this.#lostAt = undefined;
      void link.closed.then(() => this.#lost(link));
    } catch (error) {
      // A socket that takes connections and says nothing, or takes no more of them, is that of a server that hangs.
      const silent = performance.now() - startedAt >= this.#options.hangMs || /EAGAIN/.test(String(error));
      this.#waitingSince = undefined;
      // A refusal in the server's own words (too many connections) is an answer.
      if ((serverErrno(error) ?? 0) <= 0) this.#unreachable(silent);
    } finally {
      this.known = true;
    }
  }

  #meet(pidFile: string, serverId: number): void {
    const found = findServer(this.#options.unit, pidFile);
    const before = this.process;
    const same = found !== undefined && found.pid === before?.pid && found.startedAt === before.startedAt;
    if (!same) this.run += 1;
    this.process = found;
    this.serverId = serverId;
  }

  #lost(link: DatabaseLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#waitingSince = undefined;
    this.#lostAt = performance.now();
    if (this.process === undefined || !isAlive(this.process)) this.#enter('down');
    else {
      void this.connect();
      this.#watchDying();
    }
  }

  /** The connection ends some milliseconds before the process does. */
  #watchDying(): void {
    setTimeout(() => {
      if (this.#closed || this.#link !== undefined || this.state === 'down' || this.process === undefined)
        return;
      if (isAlive(this.process)) this.#watchDying();
      else this.#unreachable(false);
    }, DYING_POLL_MS);
  }

  #unreachable(silent: boolean): void {
    if (this.#closed || this.#link !== undefined) return;
    this.#enter(this.#stateWithoutConnection(silent));
  }

  #stateWithoutConnection(silent: boolean): ServerState {
    if (this.startUnderWay) return 'starting';
    const known = this.process !== undefined && isAlive(this.process) ? this.process : undefined;
    const server = findServer(this.#options.unit) ?? known;
    if (server === undefined) return 'down';
    if (silent) return 'hung';
    const now = performance.now();
    this.#lostAt ??= now;
    return server.pid === known?.pid && now - this.#lostAt > STOPPING_MS ? 'hung' : 'starting';
  }

  #enter(state: ServerState): void {
    if (this.state === state || this.#closed) return;
    this.state = state;
    this.#options.changed();
  }
}
