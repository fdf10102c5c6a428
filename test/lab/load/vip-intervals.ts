/** Who showed the VIP when: intervals out of single observations, and the times two hosts showed it at once. Pure. */

export interface VipObservation {
  readonly host: string;
  /** monotonicMs(). */
  readonly at: number;
  readonly has: boolean;
}

export interface VipInterval {
  readonly host: string;
  readonly from: number;
  /** null: until the end of the observation. */
  readonly to: number | null;
}

export interface VipOverlap {
  readonly hosts: readonly [string, string];
  readonly from: number;
  readonly to: number;
}

export function vipIntervals(observations: readonly VipObservation[]): VipInterval[] {
  const open = new Map<string, number>();
  const intervals: VipInterval[] = [];
  for (const { host, at, has } of [...observations].sort((a, b) => a.at - b.at)) {
    const from = open.get(host);
    if (has && from === undefined) open.set(host, at);
    if (has || from === undefined) continue;
    intervals.push({ host, from, to: at });
    open.delete(host);
  }
  for (const [host, from] of open) intervals.push({ host, from, to: null });
  return intervals.sort((a, b) => a.from - b.from);
}

/** Times in which two hosts showed the VIP; `end` closes what is open. */
export function vipOverlaps(intervals: readonly VipInterval[], end: number): VipOverlap[] {
  const overlaps: VipOverlap[] = [];
  intervals.forEach((first, index) => {
    for (const second of intervals.slice(index + 1)) {
      const from = Math.max(first.from, second.from);
      const to = Math.min(first.to ?? end, second.to ?? end);
      if (first.host !== second.host && from < to)
        overlaps.push({ hosts: [first.host, second.host], from, to });
    }
  });
  return overlaps;
}
