/**
 * Reads the server: its settings and positions each time, what commits wait for each time while some can wait, the
 * channel each time on a standby, and twice a second what can be older. One reading is published whole.
 *
 * Invariant: `threads` has a new value for each server and each SQL thread seen, and never one that it had before, in
 * this run of the guard or in an earlier one. What an earlier thread had received does not count for a later one.
 */

import { LinkKeeper } from '../link-keeper.ts';
import { type CommitWatch, NO_COMMITS, observe, stretchOf } from './commit-watch.ts';
import {
  type ChannelReading,
  type CoreReading,
  parseChannel,
  parseCore,
  parseSemiSync,
  READ_APPLIED,
  READ_CHANNEL,
  READ_CORE,
  READ_SEMI_SYNC,
  type SemiSyncReading,
} from './readings.ts';
import type { ServerWatch } from './server-watch.ts';

const READ_MS = 800;
/** How old may be what can wait: the channel of a primary, and that a standby is connected as a semi-sync replica. */
const UNHURRIED_MS = 500;

const NO_CORE: CoreReading = {
  writable: false,
  waits: false,
  enabled: false,
  relaySynced: true,
  binlogPos: '',
  binlogState: '',
};
const NO_CHANNEL: ChannelReading = parseChannel(undefined, undefined);

export interface Reading {
  readonly core: CoreReading;
  /** undefined: not read, because nothing depends on it. */
  readonly semiSync: SemiSyncReading | undefined;
  readonly channel: ChannelReading;
  /** The channel was read, and by the thread that `threads` stands for. */
  readonly channelValid: boolean;
}

export const NO_READING: Reading = {
  core: NO_CORE,
  semiSync: undefined,
  channel: { ...NO_CHANNEL, drained: false },
  channelValid: false,
};

export class ServerReader {
  reading = NO_READING;
  commits: CommitWatch = NO_COMMITS;
  threads = Date.now();
  readonly #watch: ServerWatch;
  readonly #counters: LinkKeeper;
  readonly #channel: LinkKeeper;
  #run = 0;
  #sqlThread = 0;
  #nextChannelAt = 0;
  #nextCountersAt = 0;

  constructor(socket: string, watch: ServerWatch) {
    this.#watch = watch;
    this.#counters = new LinkKeeper({ socket });
    this.#channel = new LinkKeeper({ socket });
  }

  /** The next reading includes the channel. */
  channelChanged(): void {
    this.#nextChannelAt = 0;
  }

  /** Nothing of what was read holds any more. */
  forget(): void {
    this.reading = NO_READING;
    this.commits = NO_COMMITS;
    this.#nextChannelAt = 0;
  }

  /** True when everything was read and is in `reading`; never rejects. */
  async read(): Promise<boolean> {
    await this.#watch.connect();
    this.#meet(this.#watch.run);
    const at = performance.now();
    const row = await this.#watch.ask(READ_CORE);
    if (row === undefined) return false;
    const core = parseCore(row);
    const [semiSync, channel] = await Promise.all([
      this.#readSemiSync(core, at),
      this.#readChannel(core, at),
    ]);
    if (this.#run !== this.#watch.run) return false;
    if (!core.enabled) this.commits = NO_COMMITS;
    else if (semiSync !== undefined)
      this.commits = observe(this.commits, { run: this.#run, at, reading: semiSync });
    this.reading = { core, semiSync, ...channel };
    return true;
  }

  /** A row of the guard was confirmed; counts as long as semi-sync has stayed on since. */
  confirmed(run: number, after: SemiSyncReading): void {
    if (this.commits.stretch === stretchOf(run, after)) this.commits = { ...this.commits, acked: true };
  }

  close(): void {
    this.#counters.close();
    this.#channel.close();
  }

  #meet(run: number): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#sqlThread = 0;
    this.forget();
    this.#countThreads();
  }

  #countThreads(): void {
    this.threads = Math.max(this.threads + 1, Date.now());
  }

  async #readSemiSync(core: CoreReading, at: number): Promise<SemiSyncReading | undefined> {
    if (!core.enabled) {
      const { semiSync, channel } = this.reading;
      const steady = core.writable || (semiSync?.replica && channel.ioConnected);
      if (steady && semiSync !== undefined && at < this.#nextCountersAt) return semiSync;
    }
    try {
      const rows = await (await this.#counters.get()).query(READ_SEMI_SYNC, READ_MS);
      this.#nextCountersAt = at + UNHURRIED_MS;
      return parseSemiSync(rows);
    } catch {
      return undefined;
    }
  }

  async #readChannel(core: CoreReading, at: number): Promise<Pick<Reading, 'channel' | 'channelValid'>> {
    if (core.writable && at < this.#nextChannelAt) {
      const { channel, channelValid } = this.reading;
      return { channel, channelValid };
    }
    try {
      const link = await this.#channel.get();
      const [row] = await link.query(READ_CHANNEL, READ_MS);
      const [applied] = await link.query(READ_APPLIED, READ_MS);
      const channel = parseChannel(row, applied);
      this.#nextChannelAt = at + UNHURRIED_MS;
      const restarted = channel.sqlThread !== 0 && channel.sqlThread !== this.#sqlThread;
      if (restarted) {
        this.#sqlThread = channel.sqlThread;
        this.#countThreads();
      }
      return { channel, channelValid: !restarted };
    } catch {
      return {
        channel: { ...this.reading.channel, ioConnected: false, drained: false },
        channelValid: false,
      };
    }
  }
}
