/**
 * Finds acknowledgements of two servers that cannot both belong to one history. Pure.
 *
 * The servers' own proof is the GTID: in one history sequence numbers of one domain are unique, and a row asked for
 * after another was acknowledged comes after it. Clocks have the last word only where there is no GTID: a server that
 * is asked and acknowledges after another server has, less than a turn after its own last one, is a second writer.
 */

import type { HistoryEvent } from './history.ts';

export interface Ack {
  readonly server: number;
  /** monotonicMs() when it was asked for, and when its acknowledgement was there. */
  readonly from: number;
  readonly at: number;
  readonly seq?: number;
}

export interface DualAck {
  readonly servers: readonly [number, number];
  readonly at: number;
  readonly reason: 'same sequence number' | 'older than what was acknowledged before' | 'took turns';
}

const turnMs = 1000;

/** Acknowledged writes with the time they were asked for. */
export function acksOf(history: readonly HistoryEvent[]): Ack[] {
  const asked = new Map<number, number>();
  return history.flatMap((event) => {
    if (event.type === 'invoke') asked.set(event.id, event.at);
    if (event.type !== 'ok') return [];
    const { server, at, seq } = event;
    return [{ server, from: asked.get(event.id) ?? at, at, ...(seq === undefined ? {} : { seq }) }];
  });
}

export function dualAcks(acks: readonly Ack[]): DualAck[] {
  return [...sameSequence(acks), ...outOfOrder(acks), ...takingTurns(acks)].sort((a, b) => a.at - b.at);
}

function sameSequence(acks: readonly Ack[]): DualAck[] {
  const owners = new Map<number, Ack>();
  return acks.flatMap((ack) => {
    if (ack.seq === undefined) return [];
    const owner = owners.get(ack.seq);
    owners.set(ack.seq, owner ?? ack);
    if (owner === undefined || owner.server === ack.server) return [];
    return [{ servers: [owner.server, ack.server], at: ack.at, reason: 'same sequence number' }];
  });
}

/** An ack whose row was asked for after another server had acknowledged a row with a higher number. */
function outOfOrder(acks: readonly Ack[]): DualAck[] {
  const ended = acks.filter(({ seq }) => seq !== undefined).sort((a, b) => a.at - b.at);
  const begun = [...ended].sort((a, b) => a.from - b.from);
  const highest = new Map<number, number>();
  let index = 0;
  return begun.flatMap((ack) => {
    for (let before = ended[index]; before !== undefined && before.at < ack.from; before = ended[++index])
      highest.set(before.server, Math.max(highest.get(before.server) ?? 0, before.seq ?? 0));
    const found = [...highest].find(([server, seq]) => server !== ack.server && seq >= (ack.seq ?? 0));
    if (found === undefined) return [];
    return [
      { servers: [found[0], ack.server], at: ack.at, reason: 'older than what was acknowledged before' },
    ];
  });
}

function takingTurns(acks: readonly Ack[]): DualAck[] {
  const lastOf = new Map<number, number>();
  const found: DualAck[] = [];
  let turn: { readonly server: number; readonly since: number } | undefined;
  for (const { server, from, at } of [...acks].sort((a, b) => a.at - b.at)) {
    // Asked for before the turn began, and its answer came late: nobody's turn.
    const late = turn !== undefined && turn.server !== server && from <= turn.since;
    if (late) continue;
    const before = lastOf.get(server);
    if (turn !== undefined && turn.server !== server && before !== undefined && from - before < turnMs)
      found.push({ servers: [turn.server, server], at, reason: 'took turns' });
    if (turn?.server !== server) turn = { server, since: at };
    lastOf.set(server, at);
  }
  return found;
}
