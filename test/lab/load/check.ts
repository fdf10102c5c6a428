/**
 * Judges a load run: what its clients were told, against the rows that both nodes hold afterwards. Pure.
 *
 * An acknowledged row that any node lacks is lost; a row that nobody can have written is unexpected. Servers must take
 * turns: one that acknowledges again shortly after another one did is a second writer.
 */

import type { Acknowledged, HistoryEvent } from './history.ts';

export interface FinalRow {
  readonly id: number;
  readonly serverId: number;
}

export interface FaultMoment {
  readonly name: string;
  /** monotonicMs(). */
  readonly at: number;
}

export interface LoadFacts {
  readonly history: readonly HistoryEvent[];
  /** Rows of each node after everything has come to rest. */
  readonly rows: ReadonlyMap<string, readonly FinalRow[]>;
  readonly faults?: readonly FaultMoment[];
  /** A server that comes back later than this after its last acknowledgement had its turn; default 1000 ms. */
  readonly turnMs?: number;
}

/** Acknowledgements in a row by one server. */
export interface Turn {
  readonly server: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

export interface FaultGap extends FaultMoment {
  /** Longest time without an acknowledgement that ends after the fault and before the next one; null: none came. */
  readonly gapMs: number | null;
  /** From the fault to the first acknowledgement by another server; null: none came. */
  readonly takeoverMs: number | null;
  readonly serverBefore: number | null;
  readonly serverAfter: number | null;
}

export interface LoadVerdict {
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  /** Acknowledged, and absent from at least one node. */
  readonly lost: readonly number[];
  /** Present although never attempted, or certainly refused. */
  readonly unexpected: readonly number[];
  /** Acknowledged twice, or twice in one node. */
  readonly duplicate: readonly number[];
  /** The nodes disagree about the row or about who wrote it. */
  readonly differing: readonly number[];
  /** Rows of unknown outcome that are there. */
  readonly recovered: number;
  readonly turns: readonly Turn[];
  /** Pairs of turns in which two servers acknowledged at the same time. */
  readonly overlaps: readonly { readonly servers: readonly [number, number]; readonly at: number }[];
  /** Longest time between two acknowledgements; null with fewer than two. */
  readonly longestGapMs: number | null;
  readonly gaps: readonly FaultGap[];
  /** Nothing lost, unexpected, duplicate or different, and never two writers. */
  readonly clean: boolean;
}

export function checkLoad(facts: LoadFacts): LoadVerdict {
  const acks = facts.history.filter((event) => event.type === 'ok').sort((a, b) => a.at - b.at);
  const unknown = idsOf(facts.history, 'info');
  const acknowledged = new Set(acks.map(({ id }) => id));
  const nodes = [...facts.rows.values()];
  const present = new Set(nodes.flat().map(({ id }) => id));
  const turns = turnsOf(acks);
  const found = {
    lost: [...acknowledged].filter((id) => nodes.some((rows) => !idSet(rows).has(id))),
    unexpected: [...present].filter((id) => !acknowledged.has(id) && !unknown.has(id)),
    duplicate: duplicatesOf(acks, nodes),
    differing: differencesOf(nodes),
    overlaps: overlapsOf(turns, facts.turnMs ?? 1000),
  };
  return {
    acknowledged: acknowledged.size,
    failed: idsOf(facts.history, 'fail').size,
    unknown: unknown.size,
    ...found,
    recovered: [...unknown].filter((id) => present.has(id)).length,
    turns,
    longestGapMs: longestGap(acks.map(({ at }) => at)),
    gaps: gapsOf(acks, facts.faults ?? []),
    clean: Object.values(found).every((list) => list.length === 0),
  };
}

function idsOf(history: readonly HistoryEvent[], type: HistoryEvent['type']): Set<number> {
  return new Set(history.filter((event) => event.type === type).map(({ id }) => id));
}

const idSets = new WeakMap<readonly FinalRow[], Set<number>>();

function idSet(rows: readonly FinalRow[]): Set<number> {
  const known = idSets.get(rows) ?? new Set(rows.map(({ id }) => id));
  idSets.set(rows, known);
  return known;
}

function duplicatesOf(acks: readonly Acknowledged[], nodes: readonly (readonly FinalRow[])[]): number[] {
  const twice = (ids: readonly number[]): number[] => {
    const seen = new Set<number>();
    return ids.filter((id) => seen.size === seen.add(id).size);
  };
  const lists = [acks, ...nodes].map((list) => twice(list.map(({ id }) => id)));
  return [...new Set(lists.flat())];
}

function differencesOf(nodes: readonly (readonly FinalRow[])[]): number[] {
  const [first, ...others] = nodes.map((rows) => new Map(rows.map(({ id, serverId }) => [id, serverId])));
  if (first === undefined) return [];
  const ids = new Set(nodes.flat().map(({ id }) => id));
  return [...ids].filter((id) => others.some((node) => node.get(id) !== first.get(id)));
}

/** Blocks of one server in the order of acknowledgement. */
export function turnsOf(acks: readonly Acknowledged[]): Turn[] {
  const turns: Turn[] = [];
  for (const { server, at } of acks) {
    const last = turns.at(-1);
    if (last?.server === server) turns[turns.length - 1] = { ...last, lastAt: at, count: last.count + 1 };
    else turns.push({ server, firstAt: at, lastAt: at, count: 1 });
  }
  return turns;
}

function overlapsOf(turns: readonly Turn[], turnMs: number): LoadVerdict['overlaps'] {
  const lastOf = new Map<number, number>();
  const overlaps: { servers: readonly [number, number]; at: number }[] = [];
  turns.forEach((turn, index) => {
    const previous = turns[index - 1];
    const before = lastOf.get(turn.server);
    if (previous !== undefined && before !== undefined && turn.firstAt - before < turnMs)
      overlaps.push({ servers: [previous.server, turn.server], at: turn.firstAt });
    lastOf.set(turn.server, turn.lastAt);
  });
  return overlaps;
}

function longestGap(times: readonly number[]): number | null {
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  return gaps.length === 0 ? null : gaps.reduce((a, b) => Math.max(a, b));
}

function gapsOf(acks: readonly Acknowledged[], faults: readonly FaultMoment[]): FaultGap[] {
  const ordered = [...faults].sort((a, b) => a.at - b.at);
  return ordered.map((fault, index) => {
    const next = ordered[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const before = acks.findLast(({ at }) => at <= fault.at);
    const after = acks.filter(({ at }) => at > fault.at && at <= next);
    const taken = after.find(({ server }) => server !== before?.server);
    const times = [before?.at ?? fault.at, ...after.map(({ at }) => at)];
    return {
      ...fault,
      gapMs: longestGap(times),
      takeoverMs: taken === undefined ? null : taken.at - fault.at,
      serverBefore: before?.server ?? null,
      serverAfter: after.at(-1)?.server ?? null,
    };
  });
}
