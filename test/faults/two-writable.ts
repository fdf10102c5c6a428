/** How long two nodes answered as writable at the same time. Pure. */

import type { NodeSample } from '../lab/load/observations.ts';

/** Two answers further apart than this say nothing about the time between them. */
const apartMs = 200;

interface Span {
  readonly from: number;
  readonly to: number;
}

export function twoWritableMs(samples: readonly NodeSample[]): number {
  const [one = [], other = [], ...more] = [...Map.groupBy(samples, ({ node }) => node).values()].map(
    writableSpans,
  );
  if (more.length > 0) throw new RangeError('a pair has two nodes');
  let [sum, index] = [0, 0];
  for (const span of one) {
    // Both lists are in the order of time: what ends before this span ends before every later one, too.
    while ((other[index]?.to ?? span.from) < span.from) index += 1;
    for (let at = index; (other[at]?.from ?? span.to) < span.to; at += 1)
      sum += common(span, other[at] ?? span);
  }
  return sum;
}

/** Between two answers in a row that both said writable the node was. */
function writableSpans(samples: readonly NodeSample[]): Span[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    if (before?.readOnly !== false || sample.readOnly !== false) return [];
    return sample.from - before.at > apartMs ? [] : [{ from: before.at, to: sample.from }];
  });
}

function common(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
}
