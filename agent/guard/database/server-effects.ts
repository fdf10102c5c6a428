/**
 * What each effect on the local server does. A map over the kinds: one that is forgotten does not compile. Effects have
 * connections of their own, opened ahead of need; the threads of replication can take seconds to stop, so they do not
 * share one with the rest. Every statement has a deadline.
 */

import { AppError } from '../../../shared/errors/app-error.ts';
import type { ChannelSource } from '../../../shared/flavor/change-master.ts';
import type { Effect } from '../../../shared/pair/effects.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { parseGtidPosition, parseGtids, wayBackPosition } from '../gtid.ts';
import { LinkKeeper } from '../link-keeper.ts';
import { type StartChannel, startChannel } from '../replication.ts';
import { FOR_EVER, parseChannel, READ_CHANNEL } from './readings.ts';
import type { ServerStart } from './server-start.ts';
import type { ServerWatch } from './server-watch.ts';

type ServerEffectKind =
  | 'server-start'
  | 'server-kill'
  | 'writable'
  | 'semi-sync'
  | 'io-thread'
  | 'replication-start'
  | 'way-back'
  | 'relay-sync'
  | 'read-only';
export type ServerEffect = Extract<Effect, { kind: ServerEffectKind }>;
type Performers = {
  readonly [K in ServerEffectKind]: (effect: Extract<Effect, { kind: K }>) => Promise<void>;
};

const STATEMENT_MS = 2000;
/** The server itself ends an opening that is late: a statement that is given up here would still be carried out. */
const OPENING_MS = 1000;
/** Two seconds for a source that is gone; a large transaction that is being written takes its time. */
const STOP_IO_MS = 10_000;
/** The time first: semi-sync that is on with another one lets commits through. */
const SEMI_SYNC_ON = `SET GLOBAL rpl_semi_sync_master_timeout = ${FOR_EVER},
  GLOBAL rpl_semi_sync_master_wait_no_slave = 1, GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC',
  GLOBAL rpl_semi_sync_master_enabled = 1`;
/** Commits that wait are told that they are done. */
const SEMI_SYNC_OFF = 'SET GLOBAL rpl_semi_sync_master_enabled = 0';
/** One sync for each event, four of them for a small transaction; or now and then, as the server does by default. */
const RELAY_SYNC_ON = 'SET GLOBAL sync_relay_log = 1';
const RELAY_SYNC_OFF = 'SET GLOBAL sync_relay_log = 10000';
const READ_OWN_LOG = 'SELECT @@global.gtid_slave_pos AS `left`, @@global.gtid_binlog_state AS logged';
/** Only a primary runs events: read_only does not hold those of root. */
const EVENTS_OFF = 'SET GLOBAL event_scheduler = OFF';

export interface ServerEffectsOptions {
  readonly socket: string;
  readonly log: Logger;
  readonly watch: ServerWatch;
  readonly start: ServerStart;
  /** The end of the peer's binary log as it said last, or empty. */
  readonly peerPos: () => string;
  /** The peer's server, for a channel that has to be made anew. */
  readonly source: ChannelSource;
}

export class ServerEffects {
  readonly #options: ServerEffectsOptions;
  readonly #link: LinkKeeper;
  readonly #channelLink: LinkKeeper;

  constructor(options: ServerEffectsOptions) {
    this.#options = options;
    this.#link = new LinkKeeper({ socket: options.socket });
    this.#channelLink = new LinkKeeper({ socket: options.socket });
  }

  perform<K extends ServerEffectKind>(effect: Extract<ServerEffect, { kind: K }>): Promise<void> {
    // The map's type holds name and effect together; the compiler loses that in the look-up.
    const performer = this.#performers[effect.kind] as (one: typeof effect) => Promise<void>;
    return performer(effect);
  }

  /** The server has come up: opens the connections that effects will use. */
  prepare(): void {
    for (const keeper of [this.#link, this.#channelLink])
      keeper.get().catch((error: unknown) => this.#options.log.debug({ err: error }, 'Not connected yet.'));
  }

  close(): void {
    this.#link.close();
    this.#channelLink.close();
  }

  readonly #performers: Performers = {
    'server-start': ({ role }) => this.#options.start.start(role),
    'server-kill': async () => this.#options.start.kill(),
    writable: ({ until }) => this.#open(until),
    'semi-sync': async ({ on }) => {
      await (await this.#link.get()).query(on ? SEMI_SYNC_ON : SEMI_SYNC_OFF, STATEMENT_MS);
    },
    'io-thread': ({ on }) => (on ? this.#startIo() : this.#stopIo()),
    'replication-start': () => this.#startReplication('own-end'),
    'way-back': ({ peerHas }) => this.#startWayBack(peerHas),
    'relay-sync': async ({ on }) => {
      await (await this.#link.get()).query(on ? RELAY_SYNC_ON : RELAY_SYNC_OFF, STATEMENT_MS);
    },
    'read-only': ({ withinMs }) => this.#close(withinMs),
  };

  async #open(until: number): Promise<void> {
    const link = await this.#link.get();
    const leftMs = Math.floor(Math.min(until - performance.now(), OPENING_MS));
    // Zero would be no limit.
    if (leftMs < 1) throw new AppError('CANCELLED', 'The lease ended before the server was made writable.');
    const limit = `SET STATEMENT max_statement_time = ${leftMs / 1000} FOR`;
    await link.query(`${limit} SET GLOBAL read_only = 0, GLOBAL event_scheduler = ON`, STATEMENT_MS);
  }

  async #close(withinMs: number): Promise<void> {
    const link = await this.#link.get();
    const limit = `SET STATEMENT max_statement_time = ${Math.max(1, Math.floor(withinMs)) / 1000} FOR`;
    await link.query(`${limit} SET GLOBAL read_only = 1`, withinMs + STATEMENT_MS);
    await link.query(EVENTS_OFF, STATEMENT_MS);
  }

  async #stopIo(): Promise<void> {
    await (await this.#channelLink.get()).query('STOP SLAVE IO_THREAD', STOP_IO_MS);
  }

  async #startIo(): Promise<void> {
    const link = await this.#channelLink.get();
    const [row] = await link.query(READ_CHANNEL, STATEMENT_MS);
    if (!parseChannel(row, undefined).sqlRunning)
      throw new AppError(
        'REFUSED',
        'The applier does not run: starting the IO thread alone would throw away what was received.',
      );
    await link.query('START SLAVE IO_THREAD', STATEMENT_MS);
  }

  async #startWayBack(peerHas: number): Promise<void> {
    const { serverId } = this.#options.watch;
    const link = await this.#channelLink.get();
    const [channel] = await link.query(READ_CHANNEL, STATEMENT_MS);
    const [row] = await link.query(READ_OWN_LOG, STATEMENT_MS);
    const left = parseGtidPosition(String(row?.['left'] ?? ''));
    const logged = parseGtids(String(row?.['logged'] ?? ''));
    const from = wayBackPosition({ left, logged, serverId, peerHas });
    if (from === null && parseChannel(channel, undefined).sqlRunning)
      await link.query('START SLAVE IO_THREAD', STATEMENT_MS);
    else await this.#startReplication(from ?? 'as-left');
  }

  async #startReplication(from: StartChannel['from']): Promise<void> {
    const { peerPos, watch, source, log } = this.#options;
    const link = await this.#channelLink.get();
    if (from === 'own-end') await link.query(EVENTS_OFF, STATEMENT_MS);
    const peer = parseGtidPosition(peerPos());
    const started = await startChannel(link, { from, serverId: watch.serverId, peer, source });
    log.info(started, 'Replication from the peer has been started.');
  }
}
