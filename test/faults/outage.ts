/** How long clients had nothing acknowledged. Pure; times are monotonicMs(). */

export interface Outages {
  /** Longest time without an acknowledgement that ends after the fault and begins before it is healed. */
  readonly outageMs: number;
  /** When it began. */
  readonly outageFrom: number;
  /** The same from the healing on: what the way back costs. */
  readonly returnGapMs: number;
}

/** The end of the watch counts as an acknowledgement: a silence up to there is at least as long. */
export function outagesOf(
  acks: readonly { readonly at: number }[],
  {
    struckAt,
    relentAt,
    endAt,
  }: { readonly struckAt: number; readonly relentAt: number; readonly endAt: number },
): Outages {
  const times = [...acks.map(({ at }) => at).filter((at) => at < endAt), endAt].sort((a, b) => a - b);
  let [outageMs, outageFrom, returnGapMs] = [0, struckAt, 0];
  let before = struckAt;
  for (const at of times) {
    if (at > struckAt && before <= relentAt) {
      if (at - before > outageMs) [outageMs, outageFrom] = [at - before, before];
    } else if (at > relentAt) returnGapMs = Math.max(returnGapMs, at - before);
    before = at;
  }
  return { outageMs, outageFrom, returnGapMs };
}
