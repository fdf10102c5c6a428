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
  const position = new Map<number, Gtid>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(part);
    if (match === null) continue;
    const gtid = { domain: Number(match[1]), server: Number(match[2]), sequence: BigInt(match[3] ?? '0') };
    position.set(gtid.domain, gtid);
  }
  return position;
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

function isOwnDomain(domain: number): boolean {
  return domain > OWN_DOMAINS;
}
