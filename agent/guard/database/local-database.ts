/**
 * The local server for the protocol of the pair: what is true of it (facts), and what is done to it (effects).
 *
 * Invariants:
 * - facts of a server that is not there say that nothing runs and nothing is open;
 * - `position` is from a reading begun after the last call of refresh(), or without bound: told to the standby, a
 *   position that is too low would make it promotable too early;
 * - what is done to the server by others shows with the next reading: nothing is remembered from own effects.
 */

import type { ChannelSource } from '../../../shared/flavor/change-master.ts';
import type { NodeFacts } from '../../../shared/pair/node-state.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { GuardConfig } from '../config.ts';
import { LinkKeeper } from '../link-keeper.ts';
import { Coalesced } from './coalesced.ts';
import { DiskRoom } from './disk-room.ts';
import { PeerComparison } from './peer-comparison.ts';
import { sequenceOf } from './readings.ts';
import { Sentinel } from './sentinel.ts';
import { type ServerEffect, ServerEffects } from './server-effects.ts';
import { ServerReader } from './server-reader.ts';
import { ServerStart } from './server-start.ts';
import { type ServerState, ServerWatch } from './server-watch.ts';
import { WriteProbe } from './write-probe.ts';

export type { ServerEffect } from './server-effects.ts';

export interface LocalDatabaseOptions {
  readonly config: GuardConfig;
  readonly log: Logger;
  /** Called synchronously when the server died, came up, or hangs. */
  readonly changed: () => void;
}

const REFRESH_MS = 1000;
/** Without anybody who refreshes, the server is read this often, so that a hang is seen. */
const IDLE_MS = 250;
const HEARTBEAT_AFTER_MS = 200;
const ASK_MS = 500;

export class LocalDatabase {
  readonly #changed: () => void;
  readonly #watch: ServerWatch;
  readonly #reader: ServerReader;
  readonly #start: ServerStart;
  readonly #effects: ServerEffects;
  readonly #probe: WriteProbe;
  readonly #room: DiskRoom;
  readonly #sentinel: Sentinel;
  readonly #comparison: PeerComparison;
  readonly #asking: LinkKeeper;
  readonly #cycle = new Coalesced(() => this.#read());
  readonly #waiting = new Set<() => void>();
  #readAt = 0;
  #positionKnown = false;
  #told: ServerState = 'starting';

  constructor({ config, log, changed }: LocalDatabaseOptions) {
    const { socket, unit } = config.database;
    const { hangMs, writeHangMs } = config.timing;
    this.#changed = changed;
    this.#asking = new LinkKeeper({ socket });
    this.#watch = new ServerWatch({ socket, unit, hangMs, changed: () => this.#watchChanged() });
    this.#reader = new ServerReader(socket, this.#watch);
    this.#start = new ServerStart(unit, log, this.#watch);
    this.#probe = new WriteProbe(socket, writeHangMs, async (sql) =>
      (await this.#asking.get()).query(sql, ASK_MS),
    );
    this.#room = new DiskRoom(log);
    this.#sentinel = new Sentinel(socket, log);
    this.#comparison = new PeerComparison(config);
    const peerPos = (): string => this.#comparison.peerPos;
    this.#effects = new ServerEffects({
      ...{ socket, log, watch: this.#watch, start: this.#start, peerPos, source: sourceOf(config) },
    });
  }

  get facts(): Omit<NodeFacts, 'ackPathOpen' | 'addressLostMs'> {
    const { reading, commits, threads } = this.#reader;
    const { core, semiSync, channel, channelValid } = reading;
    const waits = core.waits && (semiSync?.on ?? true);
    return {
      server: this.#state,
      writable: core.writable,
      semiSync: waits,
      sentinelAcked: waits && commits.acked,
      waitersMs: commits.waitingSince === null ? 0 : performance.now() - commits.waitingSince,
      ioRunning: channel.ioRunning,
      sqlRunning: channel.sqlRunning,
      sqlError: channel.sqlError,
      streaming: channel.ioConnected && semiSync?.replica === true,
      relaySynced: core.relaySynced,
      threads,
      drained: channelValid && channel.drained,
      received: channelValid ? sequenceOf(channel.received, channel.slavePos) : 0,
      applied: channelValid ? sequenceOf(channel.slavePos) : 0,
      position: this.#positionKnown ? sequenceOf(core.binlogPos) : Number.MAX_SAFE_INTEGER,
      diskFull: this.#room.full || this.#probe.refused,
      held: this.heldDown || (this.#room.full && this.#watch.state === 'down'),
      comparison: this.#comparison.known(this.#watch.run).result,
    };
  }

  /** By an operator or a drill. */
  get heldDown(): boolean {
    return this.#start.held;
  }

  /** A write has waited for the disk too long: who writes there too would wait with it. */
  get storageHangs(): boolean {
    return this.#probe.hangs;
  }

  /** GTID sets, for explanations. */
  get positions(): { readonly binlog: string; readonly slave: string; readonly received: string } {
    const { core, channel } = this.#reader.reading;
    return { binlog: core.binlogPos, slave: channel.slavePos, received: channel.received };
  }

  /** What a person has to deal with here, in words: transactions that only this server has, or the applier's error. */
  get trouble(): string | null {
    const { errant } = this.#comparison.known(this.#watch.run);
    if (errant !== null) return `Only here: ${errant}.`;
    const { sqlError, sqlErrorText } = this.#reader.reading.channel;
    return sqlError && sqlErrorText !== '' ? `The server says: ${sqlErrorText}` : null;
  }

  /** Keeps the connections; `stallMs`: how long this process itself stood still, which is not the server's silence. */
  tick(stallMs: number): void {
    this.#watch.tick(stallMs, this.#cycle.busy);
    this.#start.tick();
    this.#room.tick();
    const { core } = this.#reader.reading;
    const up = this.#watch.state === 'up';
    if (up && core.writable) this.#probe.tick(stallMs);
    const log = { position: core.binlogPos, state: core.binlogState };
    this.#comparison.tick(up ? { run: this.#watch.run, log } : undefined);
    if (!this.#cycle.busy && performance.now() - this.#readAt > IDLE_MS) void this.#cycle.request();
    this.#tell();
  }

  /** Settles when `facts` are from a reading begun after the call, or the server is not up; after a second at most. */
  async refresh(): Promise<void> {
    if (this.#watch.state === 'hung') return;
    let read = false;
    const cycle = this.#cycle.request().then(() => {
      read = true;
    });
    await this.#untilNotUp(cycle);
    if (!read) this.#positionKnown = false;
  }

  /** While on, `comparison` is kept up to date against the peer's server; off: `unknown`. */
  compareWithPeer(on: boolean): void {
    this.#comparison.switch(on);
  }

  /** Rejects when the effect failed; whether it worked shows in the facts. */
  async perform(effect: ServerEffect): Promise<void> {
    try {
      await this.#effects.perform(effect);
    } finally {
      this.#reader.channelChanged();
    }
  }

  close(): void {
    for (const part of [
      this.#watch,
      this.#reader,
      this.#effects,
      this.#sentinel,
      this.#comparison,
      this.#asking,
    ])
      part.close();
    this.#probe.reset();
    for (const settle of this.#waiting) settle();
  }

  get #state(): ServerState {
    return this.#watch.state === 'up' && this.#probe.hangs ? 'hung' : this.#watch.state;
  }

  async #read(): Promise<void> {
    this.#readAt = performance.now();
    this.#positionKnown = await this.#reader.read();
    if (!this.#positionKnown) return;
    this.#watch.confirm();
    this.#mindCommits();
  }

  /** Finds out whether the standby confirms, and frees commits whose confirmation was lost. */
  #mindCommits(): void {
    const { semiSync, writable, sentinelAcked, waitersMs } = this.facts;
    if (!semiSync || !writable) return;
    const clients = this.#reader.reading.semiSync?.clients ?? 0;
    if ((sentinelAcked || clients === 0) && waitersMs <= HEARTBEAT_AFTER_MS) return;
    const { run } = this.#watch;
    void this.#sentinel.write(run).then((after) => {
      if (after !== undefined) this.#reader.confirmed(run, after);
    });
  }

  /** Settles with `cycle`, or as soon as there is no server to read, or after a second. */
  #untilNotUp(cycle: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, REFRESH_MS);
      this.#waiting.add(settle);
      void cycle.then(settle);
    });
  }

  #watchChanged(): void {
    const { state } = this.#watch;
    if (state === 'down' || state === 'starting') this.#reader.forget();
    if (state === 'up') this.#effects.prepare();
    else {
      this.#positionKnown = false;
      if (state !== 'hung') this.#probe.reset();
      for (const settle of this.#waiting) settle();
    }
    this.#tell();
  }

  #tell(): void {
    const state = this.#state;
    if (state === this.#told) return;
    this.#told = state;
    this.#changed();
  }
}

function sourceOf({ peer, database }: GuardConfig): ChannelSource {
  const { port, replicationUser: user, replicationPassword: password, ca: sslCa } = database;
  return { host: peer.address, port, user, password, sslCa };
}
