/** What is measured of one pair from its heartbeats: commits a second now, and the values of the next sample. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { SampleValues } from '../store/samples.ts';
import type { PairState } from '../watch/pair-state.ts';
import { modeOf, positionGap, servingHost } from './pair-facts.ts';

/** Two readings of a counter, so far apart, make a rate. */
const RATE_MS = 900;

interface Reading {
  readonly time: number;
  readonly commits: number;
}

/** Sums of the values of one sample; null while there is nothing to sum. */
interface Sum {
  sum: number;
  count: number;
  most: number;
  least: number;
}

const emptySum = (): Sum => ({ sum: 0, count: 0, most: -Infinity, least: Infinity });

export class PairMeter {
  readonly #readings = new Map<string, Reading>();
  readonly #rates = new Map<string, number>();
  #sums = new Map<keyof SampleValues, Sum>();
  #mode: 'sync' | 'solo' | null = null;
  #modeSince: number | null = null;

  hear(host: string, heartbeat: Heartbeat, state: PairState): void {
    this.#measureRate(host, heartbeat);
    this.#followMode(state);
    const index = state.hosts[0].name === host ? 'a' : 'b';
    this.#add(`load_${index}`, heartbeat.load1 * 1000);
    this.#add(`disk_${index}`, heartbeat.diskFreeBytes / 1024);
    const serving = servingHost(state);
    this.#add('served', serving === null ? 0 : 1000);
    if (this.#mode !== null) this.#add('sync', this.#mode === 'sync' ? 1000 : 0);
    this.#add('gap', positionGap(state));
    if (serving?.name !== host) this.#addLag(heartbeat);
    else {
      const rate = this.rate(host);
      this.#add('commits', rate === null ? null : rate * 1000);
      this.#add('connections', heartbeat.database.connections);
    }
  }

  /** Commits a second on the host; null where it is not known (yet). */
  rate(host: string): number | null {
    return this.#rates.get(host) ?? null;
  }

  /** Since when the pair is in SYNC or SOLO, ms since the epoch. */
  get modeSince(): number | null {
    return this.#modeSince;
  }

  /** The values since the last call; null where nothing was heard at all. */
  takeSample(): SampleValues | null {
    const sums = this.#sums;
    this.#sums = new Map();
    if (sums.size === 0) return null;
    const value = (field: keyof SampleValues, of: 'mean' | 'most' | 'least' = 'mean'): number | null => {
      const sum = sums.get(field);
      if (sum === undefined) return null;
      return Math.round(of === 'mean' ? sum.sum / sum.count : sum[of]);
    };
    return {
      ...{ lag: value('lag', 'most'), gap: value('gap', 'most') },
      ...{ commits: value('commits'), connections: value('connections') },
      ...{ served: value('served'), sync: value('sync') },
      ...{ load_a: value('load_a'), load_b: value('load_b') },
      ...{ disk_a: value('disk_a', 'least'), disk_b: value('disk_b', 'least') },
    };
  }

  #addLag({ database }: Heartbeat): void {
    const lag = database.channel?.secondsBehind ?? null;
    this.#add('lag', lag === null ? null : lag * 1000);
  }

  #add(field: keyof SampleValues, value: number | null): void {
    if (value === null) return;
    const sum = this.#sums.get(field) ?? emptySum();
    this.#sums.set(field, sum);
    sum.sum += value;
    sum.count += 1;
    sum.most = Math.max(sum.most, value);
    sum.least = Math.min(sum.least, value);
  }

  #measureRate(host: string, { time, database: { commits } }: Heartbeat): void {
    const before = this.#readings.get(host);
    if (commits === null || before === undefined || commits < before.commits || time < before.time) {
      this.#rates.delete(host);
      if (commits === null) this.#readings.delete(host);
      else this.#readings.set(host, { time, commits });
      return;
    }
    const passed = time - before.time;
    if (passed < RATE_MS) return;
    this.#rates.set(host, ((commits - before.commits) * 1000) / passed);
    this.#readings.set(host, { time, commits });
  }

  /** When watching begins, the guard of the primary says since when it is as it is. */
  #followMode(state: PairState): void {
    const mode = modeOf(state);
    if (mode === null || mode === this.#mode) return;
    const serving = servingHost(state);
    const since = serving?.heartbeat?.guard?.since;
    const told = since === undefined ? null : Math.round(since + (serving?.clockOffsetMs ?? 0));
    this.#modeSince = this.#mode === null ? told : Math.round(state.time);
    this.#mode = mode;
  }
}
