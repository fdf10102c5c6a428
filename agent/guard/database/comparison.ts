/** Whether everything in the own binary log is in the primary's too: the last transaction of each domain tells. Pure. */

import type { NodeFacts } from '../../../shared/pair/node-state.ts';
import { type Gtid, ownDomain, parseGtidPosition } from '../gtid.ts';

export interface OwnLog {
  /** gtid_binlog_pos: the last transaction of each domain. */
  readonly position: string;
  /** gtid_binlog_state: the last transaction of each server in each domain. */
  readonly state: string;
}

export interface PeerLog {
  readonly state: string;
  /** A writable peer has applied everything it ever received: its log is complete. */
  readonly writable: boolean;
}

export interface Compared {
  readonly result: NodeFacts['comparison'];
  /** Transactions that only this server has, as far as positions tell: `0-1-1042 … 0-1-1045`. */
  readonly errant: string | null;
}

/**
 * The peer has a transaction when it has that one or a later one of the same origin in the domain: a server numbers
 * without going back. Its end before ours means that ours is errant, or that it is not done applying.
 */
export function compareLogs(own: OwnLog, peer: PeerLog): Compared {
  const theirs = parseGtids(peer.state);
  let result: Compared['result'] = 'clean';
  for (const last of parseGtidPosition(own.position).values()) {
    // What a host wrote on its own account never goes to the pair's stream.
    if (last.domain > ownDomain(0)) continue;
    const domain = theirs.filter((gtid) => gtid.domain === last.domain);
    const origin = domain.find((gtid) => gtid.server === last.server);
    if (origin !== undefined && origin.sequence >= last.sequence) continue;
    const complete = peer.writable || domain.some((gtid) => gtid.sequence >= last.sequence);
    if (complete) return { result: 'errant', errant: rangeOf(parseGtids(own.state), domain, last) };
    result = 'unknown';
  }
  return { result, errant: null };
}

/** From the first after the last that both have, whoever wrote that, to the last. */
function rangeOf(ours: readonly Gtid[], theirs: readonly Gtid[], last: Gtid): string {
  let common = 0n;
  for (const { server, sequence } of theirs) {
    const own = ours.find((gtid) => gtid.domain === last.domain && gtid.server === server);
    if (own === undefined) continue;
    const both = own.sequence < sequence ? own.sequence : sequence;
    if (both > common) common = both;
  }
  const first = common + 1n;
  const end = render(last, last.sequence);
  return first >= last.sequence ? end : `${render(last, first)} … ${end}`;
}

function render({ domain, server }: Gtid, sequence: bigint): string {
  return `${domain}-${server}-${sequence}`;
}

/** Like a position, but a state has several transactions of one domain. */
function parseGtids(text: string): readonly Gtid[] {
  return text.split(',').flatMap((part) => [...parseGtidPosition(part).values()]);
}
