/**
 * Proves that storage takes writes: a row of hotpair.heartbeat outside the binary log, which waits for no standby and
 * leaves no GTID behind. A write that waits is a hang when for as long nothing at all has reached the server's disks:
 * a disk that is only slow, or busy with the writes of others, gets something done all the time. Not while it waits for
 * a lock that somebody holds on purpose.
 */

import { type DatabaseLink, openLink, type SqlRow, serverErrno } from '../database-link.ts';

const WRITE = `INSERT INTO hotpair.heartbeat (server_id, sequence, ts) VALUES (@@server_id, 1, NOW(6))
  ON DUPLICATE KEY UPDATE sequence = sequence + 1, ts = NOW(6)`;
const CONNECT_MS = 1000;
/** Each is a write to the disk. */
const EVERY_MS = 200;
/** A write that takes longer is looked into. */
const SLOW_MS = 200;
/** Whether silence is a hang is decided from its length. */
const NO_DEADLINE_MS = 24 * 3600 * 1000;
/** What the server counts when something has reached its disks, not when it begins. */
const DONE = ['INNODB_DATA_FSYNCS', 'INNODB_DATA_WRITTEN', 'INNODB_LSN_FLUSHED', 'BINLOG_GROUP_COMMITS'];
/** No room: ER_DISK_FULL, ER_ERROR_ON_WRITE, ER_GET_ERRNO, ER_RECORD_FILE_FULL. */
const NO_ROOM = new Set([1021, 1026, 1030, 1114]);

export interface Writing {
  /** When the write began, or the server was last seen to get something done or to wait for a lock. */
  readonly since: number;
  /** What the server said it waits for: nothing asked yet, a lock, or something that is no excuse. */
  readonly reason: 'unknown' | 'lock' | 'storage';
  /** What the server had done when it was last asked. */
  readonly done: string | undefined;
}

export class WriteProbe {
  /** The server answered the last write by saying that it has no room for it. */
  refused = false;
  readonly #socket: string;
  readonly #hangMs: number;
  /** Asks the server over a connection that is open already. */
  readonly #ask: (sql: string) => Promise<readonly SqlRow[]>;
  #link: DatabaseLink | undefined;
  #begunAt = 0;
  #writing: Writing | undefined;
  #asking = false;

  constructor(socket: string, hangMs: number, ask: (sql: string) => Promise<readonly SqlRow[]>) {
    this.#socket = socket;
    this.#hangMs = hangMs;
    this.#ask = ask;
  }

  get hangs(): boolean {
    return this.#writing !== undefined && isHang(this.#writing, performance.now(), this.#hangMs);
  }

  /** While the server is writable. */
  tick(stallMs: number): void {
    const now = performance.now();
    const writing = this.#writing;
    if (writing === undefined) {
      if (now - this.#begunAt >= EVERY_MS) void this.#write();
      return;
    }
    if (stallMs > 0) this.#writing = { ...writing, since: writing.since + stallMs };
    if (now - this.#begunAt > SLOW_MS) void this.#askWhy();
  }

  /** The server is gone or takes no writes. */
  reset(): void {
    this.#link?.destroy();
    this.#link = undefined;
    this.#writing = undefined;
    this.refused = false;
  }

  async #write(): Promise<void> {
    const begunAt = performance.now();
    this.#begunAt = begunAt;
    this.#writing = { since: begunAt, reason: 'unknown', done: undefined };
    let refused = false;
    try {
      this.#link ??= await this.#open();
      await this.#link.query(WRITE, NO_DEADLINE_MS);
    } catch (error) {
      // Any other answer is an answer: a missing table is no fault of the disk.
      refused = NO_ROOM.has(serverErrno(error) ?? 0);
    }
    if (this.#begunAt !== begunAt || this.#writing === undefined) return;
    this.#writing = undefined;
    this.refused = refused;
  }

  async #open(): Promise<DatabaseLink> {
    const link = await openLink({ socket: this.#socket }, CONNECT_MS);
    void link.closed.then(() => {
      if (this.#link === link) this.#link = undefined;
    });
    await link.query('SET SESSION sql_log_bin = 0', CONNECT_MS);
    return link;
  }

  async #askWhy(): Promise<void> {
    if (this.#asking || this.#link === undefined) return;
    this.#asking = true;
    const begunAt = this.#begunAt;
    try {
      const [row] = await this.#ask(whySql(this.#link.id));
      const answer = { state: String(row?.['state'] ?? ''), done: String(row?.['done'] ?? '') };
      if (this.#writing !== undefined && this.#begunAt === begunAt)
        this.#writing = withAnswer(this.#writing, answer, performance.now());
    } catch {
      // Whether the server answers at all is judged elsewhere.
    } finally {
      this.#asking = false;
    }
  }
}

function whySql(connection: number): string {
  const names = DONE.map((name) => `'${name}'`).join(', ');
  return `SELECT (SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = ${connection}) AS state,
    (SELECT GROUP_CONCAT(VARIABLE_VALUE ORDER BY VARIABLE_NAME) FROM information_schema.SESSION_STATUS
      WHERE VARIABLE_NAME IN (${names})) AS done`;
}

/** What the server says of a write that takes long. */
export function withAnswer(
  before: Writing,
  { state, done }: { readonly state: string; readonly done: string },
  now: number,
): Writing {
  if (isLockWait(state)) return { since: now, reason: 'lock', done };
  const moves = before.done !== undefined && before.done !== done;
  return { since: moves ? now : before.since, reason: 'storage', done };
}

/** A server that does not say why is given twice the time. */
export function isHang({ since, reason }: Writing, now: number, hangMs: number): boolean {
  if (reason === 'lock') return false;
  return now - since > (reason === 'storage' ? hangMs : 2 * hangMs);
}

/** The server's words for a wait that ends when somebody lets go, or confirms; a full disk is none. */
export function isLockWait(state: string): boolean {
  return state.startsWith('Waiting for') && !state.includes('space');
}
