/**
 * The local server, watched: asked every tick over connections of its own, its death heard from the socket.
 * Two connections: one reads (its silence is a hang), one writes on a primary (its silence is storage or a lock).
 * The write goes to hotpair.heartbeat outside the binary log: it proves that storage takes writes, waits for no
 * standby, and leaves no GTID behind.
 */

import type { Logger } from '../../shared/runtime/logger.ts';
import type { GuardConfig } from './config.ts';
import { type DatabaseLink, openLink } from './database-link.ts';
import type { ServerState } from './facts.ts';
import { type GtidPosition, parseGtidPosition } from './gtid.ts';

export interface ServerView {
  readonly state: ServerState;
  readonly since: number;
  readonly writable: boolean;
  readonly semiSync: boolean;
  readonly serverId: number;
  /** Seconds since the server's start, as it said last. */
  readonly uptime: number;
  readonly binlogPos: GtidPosition;
  readonly currentPos: GtidPosition;
  readonly writeSince: number | undefined;
  readonly writeLocked: boolean;
}

const READ = `SELECT @@global.read_only AS readOnly, @@global.rpl_semi_sync_master_enabled AS semiSync,
  @@global.server_id AS serverId, @@global.gtid_binlog_pos AS binlogPos, @@global.gtid_current_pos AS currentPos`;
const WRITE = `INSERT INTO hotpair.heartbeat (server_id, sequence, ts) VALUES (@@server_id, 1, NOW(6))
  ON DUPLICATE KEY UPDATE sequence = sequence + 1, ts = NOW(6)`;
/** The asking side never gives up by itself: whether silence is a hang is decided from its length. */
const NO_DEADLINE_MS = 24 * 3600 * 1000;
const CONNECT_MS = 1000;

export class LocalServer {
  view: ServerView;
  /** The first attempt to reach the server has ended, one way or the other. */
  known = false;
  readonly #config: GuardConfig;
  readonly #log: Logger;
  readonly #changed: () => void;
  #reader: DatabaseLink | undefined;
  #writer: DatabaseLink | undefined;
  #connecting = false;
  #connectingSince: number | undefined;
  #readSince: number | undefined;
  #askingAboutLock = false;

  /** `changed` is called synchronously when the server has died, come up, or changed its mode. */
  constructor(config: GuardConfig, log: Logger, wasPrimary: boolean, changed: () => void) {
    this.#config = config;
    this.#log = log;
    this.#changed = changed;
    this.view = {
      state: 'down',
      since: performance.now(),
      writable: wasPrimary,
      semiSync: false,
      serverId: config.ordinal,
      uptime: 0,
      binlogPos: new Map(),
      currentPos: new Map(),
      writeSince: undefined,
      writeLocked: false,
    };
  }

  get target(): { readonly socket: string } {
    return { socket: this.#config.database.socket };
  }

  /** `stallMs`: how long this process itself did not run; that silence is not the server's. */
  tick(stallMs: number): void {
    this.#forgive(stallMs);
    if (this.#reader === undefined) void this.#connect();
    else {
      if (this.#readSince === undefined) void this.#read(this.#reader);
      if (this.view.writable && this.view.state === 'up') void this.#write();
    }
    const waiting = this.#readSince ?? this.#connectingSince;
    if (waiting !== undefined && performance.now() - waiting > this.#config.timing.hangMs)
      this.#enter('hung');
  }

  /** Asks at once, and settles with the answer in `view`; for after an action. */
  async refresh(): Promise<void> {
    if (this.#reader !== undefined) await this.#read(this.#reader);
  }

  close(): void {
    this.#reader?.destroy();
    this.#writer?.destroy();
  }

  #forgive(stallMs: number): void {
    if (stallMs <= 0) return;
    if (this.#readSince !== undefined) this.#readSince += stallMs;
    if (this.#connectingSince !== undefined) this.#connectingSince += stallMs;
    if (this.view.writeSince !== undefined)
      this.view = { ...this.view, writeSince: this.view.writeSince + stallMs };
  }

  async #connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    this.#connectingSince = performance.now();
    try {
      const reader = await openLink(this.target, CONNECT_MS);
      this.#reader = reader;
      void reader.closed.then(() => this.#lost(reader));
      await this.#read(reader);
    } catch {
      // A socket that accepts and says nothing is a hang; anything else is a server that is not there.
      const waited = performance.now() - this.#connectingSince;
      this.#enter(waited < this.#config.timing.hangMs ? 'down' : 'hung');
    } finally {
      this.#connecting = false;
      this.#connectingSince = undefined;
    }
  }

  #lost(reader: DatabaseLink): void {
    if (this.#reader !== reader) return;
    this.#reader = undefined;
    this.#readSince = undefined;
    this.#writer?.destroy();
    this.#writer = undefined;
    this.view = { ...this.view, writeSince: undefined, writeLocked: false };
    this.#enter('down');
  }

  async #read(reader: DatabaseLink): Promise<void> {
    this.#readSince ??= performance.now();
    try {
      const [row] = await reader.query(READ, NO_DEADLINE_MS);
      this.#readSince = undefined;
      if (row === undefined || this.#reader !== reader) return;
      this.view = {
        ...this.view,
        writable: Number(row['readOnly']) === 0,
        semiSync: Number(row['semiSync']) === 1,
        serverId: Number(row['serverId']),
        binlogPos: parseGtidPosition(String(row['binlogPos'] ?? '')),
        currentPos: parseGtidPosition(String(row['currentPos'] ?? '')),
      };
      this.#enter('up');
    } catch (error) {
      this.#log.debug({ err: error }, 'The local server did not answer a read.');
      reader.destroy();
      this.#lost(reader);
    }
  }

  #enter(state: ServerState): void {
    const first = !this.known;
    this.known = true;
    if (this.view.state === state && !first) return;
    this.view = { ...this.view, state, since: performance.now() };
    this.#changed();
  }

  async #write(): Promise<void> {
    if (this.view.writeSince !== undefined) {
      await this.#askAboutLock();
      return;
    }
    this.view = { ...this.view, writeSince: performance.now(), writeLocked: false };
    try {
      this.#writer ??= await this.#openWriter();
      await this.#writer.query(WRITE, NO_DEADLINE_MS);
    } catch (error) {
      // An answer is an answer: a missing table or a refused write is no hang.
      this.#log.debug({ err: error }, 'The heartbeat row was not written.');
    }
    this.view = { ...this.view, writeSince: undefined, writeLocked: false };
  }

  async #openWriter(): Promise<DatabaseLink> {
    const writer = await openLink(this.target, CONNECT_MS);
    void writer.closed.then(() => {
      if (this.#writer === writer) this.#writer = undefined;
    });
    await writer.query('SET SESSION sql_log_bin = 0', CONNECT_MS);
    return writer;
  }

  /** A write that waits long may wait for a lock that somebody holds on purpose, a backup for one. */
  async #askAboutLock(): Promise<void> {
    const { writeSince } = this.view;
    const writer = this.#writer;
    const long = writeSince !== undefined && performance.now() - writeSince > this.#config.timing.hangMs;
    if (!long || writer === undefined || this.#askingAboutLock || this.#reader === undefined) return;
    this.#askingAboutLock = true;
    try {
      const sql = `SELECT STATE AS state FROM information_schema.PROCESSLIST WHERE ID = ${writer.id}`;
      const [row] = await this.#reader.query(sql, NO_DEADLINE_MS);
      const writeLocked = isLockWait(String(row?.['state'] ?? ''));
      if (this.view.writeSince !== undefined) this.view = { ...this.view, writeLocked };
    } catch {
      // The reader's own end is dealt with where it is read.
    } finally {
      this.#askingAboutLock = false;
    }
  }
}

/** The server's words for a wait that ends when somebody lets go; a full disk is none. */
export function isLockWait(state: string): boolean {
  return state.startsWith('Waiting for') && !state.includes('space');
}
