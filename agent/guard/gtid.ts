/** MariaDB GTID positions: the last transaction of each replication domain, and how two hosts stand to each other. Pure. */

export interface Gtid {
  readonly domain: number;
  readonly server: number;
  /** bigint: the server counts to 2^64. */
  readonly sequence: bigint;
}

/** By domain. */
export type GtidPosition = ReadonlyMap<number, Gtid>;

export type Standing = 'level' | 'ahead' | 'behind' | 'parted' | 'unknown';

/** Rows that a host writes on its own account (verify rows) are in domain 100 + server_id. */
const OWN_DOMAINS = 100;

export function ownDomain(serverId: number): number {
  return OWN_DOMAINS + serverId;
}

/** Reads `0-1-42,101-1-7`; what is no GTID is left out. */
export function parseGtidPosition(text: string): GtidPosition {
  return new Map(parseGtids(text).map((gtid) => [gtid.domain, gtid]));
}

/** The same with several of a domain, as in gtid_binlog_state: the last one of each server. */
export function parseGtids(text: string): Gtid[] {
  return text.split(',').flatMap((part) => {
    const match = /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(part);
    if (match === null) return [];
    return [{ domain: Number(match[1]), server: Number(match[2]), sequence: BigInt(match[3] ?? '0') }];
  });
}

export function renderGtidPosition(position: GtidPosition): string {
  return [...position.values()].map((gtid) => `${gtid.domain}-${gtid.server}-${gtid.sequence}`).join(',');
}

/** Whether everything in `target` is in `position`, domains of the hosts' own rows left aside. */
export function covers(position: GtidPosition, target: GtidPosition): boolean {
  for (const wanted of target.values()) {
    if (isOwnDomain(wanted.domain)) continue;
    const have = position.get(wanted.domain);
    if (have === undefined || have.sequence < wanted.sequence) return false;
  }
  return true;
}

/**
 * How `own` stands to `peer`. `parted`: each has something that the other lacks, which is certain here only when the
 * last transaction has the same number and another origin; a longer branch shows when replication is refused.
 */
export function standingOf(own: GtidPosition, peer: GtidPosition): Standing {
  for (const theirs of peer.values()) {
    const ours = own.get(theirs.domain);
    if (isOwnDomain(theirs.domain) || ours === undefined) continue;
    if (ours.sequence === theirs.sequence && ours.server !== theirs.server) return 'parted';
  }
  const hasAllOfPeer = covers(own, peer);
  const peerHasAll = covers(peer, own);
  if (hasAllOfPeer && peerHasAll) return 'level';
  if (hasAllOfPeer) return 'ahead';
  return peerHasAll ? 'behind' : 'parted';
}

/**
 * Where a replica starts after its server did: at the end of its own binary log (rule R3), which the source must know.
 * In the domain of its own rows it starts no further than the source has come: those rows it has anyway.
 */
export function rejoinPosition(own: GtidPosition, source: GtidPosition, serverId: number): GtidPosition {
  const mine = own.get(ownDomain(serverId));
  if (mine === undefined) return own;
  const known = source.get(mine.domain);
  if (known !== undefined && known.sequence >= mine.sequence) return own;
  const others = [...own].filter(([domain]) => domain !== mine.domain);
  return new Map(known === undefined ? others : [...others, [mine.domain, known]]);
}

export interface WayBack {
  /** Where it was left: gtid_slave_pos. */
  readonly left: GtidPosition;
  /** gtid_binlog_state of this server. */
  readonly logged: readonly Gtid[];
  readonly serverId: number;
  /** Sequence number up to which the peer has applied what this server wrote. */
  readonly peerHas: number;
}

/** The pair's own stream. */
export const PAIR_DOMAIN = 0;
/** Of fewer transactions the second reading costs less than the change of the position. */
const WORTH_A_MOVE = 1000n;

/**
 * Where the way back to a primary starts when it would read again what this server itself has written since it was left:
 * at the peer's end, where all of that lies behind. Null: where it was left. Only for transactions that are certainly
 * this server's own: a position needs the id of the server that wrote it.
 */
export function wayBackPosition({ left, logged, serverId, peerHas }: WayBack): GtidPosition | null {
  const sequence = BigInt(peerHas);
  const numbers = (own: boolean): bigint[] =>
    logged
      .filter(({ domain, server }) => domain === PAIR_DOMAIN && (server === serverId) === own)
      .map((gtid) => gtid.sequence);
  const isOwn =
    numbers(true).some((last) => sequence <= last) && numbers(false).every((last) => sequence > last);
  const ahead = sequence - (left.get(PAIR_DOMAIN)?.sequence ?? 0n);
  if (!isOwn || ahead < WORTH_A_MOVE) return null;
  return new Map([...left, [PAIR_DOMAIN, { domain: PAIR_DOMAIN, server: serverId, sequence }]]);
}

function isOwnDomain(domain: number): boolean {
  return domain > OWN_DOMAINS;
}
