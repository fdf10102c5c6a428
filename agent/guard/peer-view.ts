/**
 * The peer's server as this host sees it: one TLS connection as the replication account, asked every tick whether it
 * is writable and how far it has come, and twice a second how its replica does. Never waited for by anything.
 */

import type { GuardConfig } from './config.ts';
import { type DatabaseLink, type LinkTarget, openLink, type SqlRow } from './database-link.ts';
import type { PeerState } from './facts.ts';
import { type GtidPosition, parseGtidPosition } from './gtid.ts';
import { parseChannel } from './replication.ts';

export interface PeerSnapshot {
  readonly state: PeerState;
  readonly since: number;
  readonly heardAt: number | undefined;
  readonly waitingSince: number | undefined;
  readonly binlogPos: GtidPosition | undefined;
  readonly servingAt: number | undefined;
  /** The peer's replica was last seen streaming from this host; undefined: not so. */
  readonly streamsAt: number | undefined;
  /** Its commits wait for this host: the status of semi-sync is ON. */
  readonly waitsForUs: boolean;
  /** Why it does not answer, in the words of the last error. */
  readonly error: string;
}

const ASK = 'SELECT @@global.read_only AS readOnly, @@global.gtid_binlog_pos AS binlogPos';
const CONNECT_MS = 400;
const ANSWER_MS = 2000;
const CHANNEL_EVERY_MS = 500;
const RECONNECT_MS = 200;

export class PeerView {
  view: PeerSnapshot;
  readonly #target: LinkTarget;
  readonly #silentMs: number;
  readonly #changed: () => void;
  #link: DatabaseLink | undefined;
  #connecting = false;
  #nextConnectAt = 0;
  #asking = false;
  #askingChannel = false;
  #nextChannelAt = 0;

  /** `changed` is called synchronously when the state has changed. */
  constructor(config: GuardConfig, ca: string, changed: () => void) {
    const { port, replicationUser, replicationPassword } = config.database;
    this.#target = {
      host: config.peer.address,
      port,
      user: replicationUser,
      password: replicationPassword,
      ca,
    };
    this.#silentMs = config.timing.peerSilentMs;
    this.#changed = changed;
    this.view = {
      state: 'unknown',
      since: performance.now(),
      heardAt: undefined,
      waitingSince: undefined,
      binlogPos: undefined,
      servingAt: undefined,
      streamsAt: undefined,
      waitsForUs: false,
      error: '',
    };
  }

  /** `stallMs`: how long this process itself did not run; that silence is not the peer's. */
  tick(stallMs: number): void {
    const now = performance.now();
    const { waitingSince } = this.view;
    if (waitingSince !== undefined) {
      if (stallMs > 0) this.view = { ...this.view, waitingSince: waitingSince + stallMs };
      else if (now - waitingSince > this.#silentMs) this.#enter('silent');
    }
    if (this.#link === undefined) {
      if (now >= this.#nextConnectAt) void this.#connect();
      return;
    }
    void this.#ask(this.#link);
    if (now >= this.#nextChannelAt) void this.#askChannel(this.#link);
  }

  /** Asks now rather than with the next tick; settles with the answer in `view`. */
  async ask(): Promise<void> {
    if (this.#link !== undefined) await this.#ask(this.#link);
  }

  close(): void {
    this.#link?.destroy();
  }

  async #connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    this.view = { ...this.view, waitingSince: this.view.waitingSince ?? performance.now() };
    try {
      const link = await openLink(this.#target, CONNECT_MS);
      this.#link = link;
      void link.closed.then(() => this.#lost(link));
      // In this order: whoever hears that the peer is there knows at once how its replica does.
      await this.#askChannel(link);
      await this.#ask(link);
    } catch (error) {
      this.view = { ...this.view, error: error instanceof Error ? error.message : String(error) };
      this.#nextConnectAt = performance.now() + RECONNECT_MS;
      if (isRefusal(error)) this.#heardNo();
    } finally {
      this.#connecting = false;
    }
  }

  async #ask(link: DatabaseLink): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const sentAt = performance.now();
    this.view = { ...this.view, waitingSince: this.view.waitingSince ?? sentAt };
    try {
      const [row] = await link.query(ASK, ANSWER_MS);
      if (row !== undefined && this.#link === link) this.#heard(row);
    } catch {
      this.#drop(link);
    } finally {
      this.#asking = false;
    }
  }

  #heard(row: SqlRow): void {
    const now = performance.now();
    const serving = Number(row['readOnly']) === 0;
    this.view = {
      ...this.view,
      heardAt: now,
      waitingSince: undefined,
      binlogPos: parseGtidPosition(String(row['binlogPos'] ?? '')),
      servingAt: serving ? now : this.view.servingAt,
      error: '',
    };
    this.#enter(serving ? 'serving' : 'standby');
  }

  async #askChannel(link: DatabaseLink): Promise<void> {
    if (this.#askingChannel) return;
    this.#askingChannel = true;
    this.#nextChannelAt = performance.now() + CHANNEL_EVERY_MS;
    try {
      const [channel, [status]] = await Promise.all([
        link.query('SHOW SLAVE STATUS', ANSWER_MS),
        link.query("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_status'", ANSWER_MS),
      ]);
      const streams = parseChannel(channel).state === 'streaming';
      const waitsForUs = status?.['Value'] === 'ON';
      this.view = { ...this.view, waitsForUs, streamsAt: streams ? performance.now() : undefined };
    } catch {
      this.#drop(link);
    } finally {
      this.#askingChannel = false;
    }
  }

  /** Given up by this side: says nothing about the peer. */
  #drop(link: DatabaseLink): void {
    if (this.#link === link) this.#link = undefined;
    link.destroy();
  }

  /** Ended by the other side, which is what the kernel does for a server that has died. */
  #lost(link: DatabaseLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#heardNo();
  }

  #heardNo(): void {
    this.view = { ...this.view, heardAt: performance.now(), waitingSince: undefined, streamsAt: undefined };
    this.#enter('down');
  }

  #enter(state: PeerState): void {
    if (this.view.state === state) return;
    this.view = { ...this.view, state, since: performance.now() };
    this.#changed();
  }
}

/** Only the peer's own kernel says this: the host is there, and no server listens. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /ECONNREFUSED|ECONNRESET/.test(`${error.message} ${String(error.cause)}`);
}
