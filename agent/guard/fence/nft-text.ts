/**
 * The words that nft is told about the elements of the fence's sets, and about clients' sessions. Pure.
 *
 * Invariants: every text is one transaction. A lease is always written as the whole content of its set, so that no
 * element of an earlier lease outlives a later one, whatever was in the set before. `flush` and `add` in one
 * transaction, because kernels before 6.12 cannot change the timeout of an element that exists.
 */

export interface FencePlace {
  readonly vip: string;
  readonly address: string;
  readonly peerAddress: string;
  readonly port: number;
  /** Of the virtual address. */
  readonly interface: string;
}

export type FenceSet = 'lease' | 'ackpeer' | 'resets';

export const TABLE = 'inet hotpair';
/** The kernel's own answers for the virtual address are of another family than its packets. */
export const ARP_TABLE = 'arp hotpair';
/** What programs announce past the kernel (keepalived does) is met on its way out of the interface alone. */
export const EGRESS_TABLE = 'netdev hotpair';

export const LIST_TABLE_ARGV = ['nft', 'list', 'table', 'inet', 'hotpair'] as const;
/** Reads the texts of whole tables. */
export const LOAD_ARGV = ['nft', '-f', '-'] as const;

/** How many ms of a lease the kernel's clock may round away (its tick is 4 ms on Debian, 10 ms at most). */
const SHORTEST_MS = 10;

/**
 * Lets clients in at `addresses` for `ms`, and at no others. Less than a tick of the kernel is none at all. `former`: what
 * a lease that is not over lets clients in at. The kernel refuses the whole text where that lease is over by then, as it
 * is when this host stood still after it had told nft: its time counts from when the kernel gets it, which may be any time.
 */
export function leaseText(addresses: readonly string[], ms: number, former: readonly string[] = []): string {
  const whole = Math.floor(ms);
  if (!Number.isFinite(whole) || whole < SHORTEST_MS) return CLOSE_TEXT;
  const elements = addresses.map((address) => `${address} timeout ${whole}ms`).join(', ');
  return [
    ...(former.length === 0 ? [] : [`delete element ${TABLE} lease { ${former.join(', ')} }`]),
    CLOSE_TEXT,
    `add element ${TABLE} lease { ${elements} }`,
    `add element ${ARP_TABLE} lease { ${elements} }`,
    `add element ${EGRESS_TABLE} lease { ${elements} }`,
  ].join('; ');
}

/** Nobody is let in yet, but this host may say that the address is here: it is announced once, the moment it arrives. */
export function announceText(vip: string, ms: number): string {
  const whole = Math.floor(ms);
  if (!Number.isFinite(whole) || whole < SHORTEST_MS) return CLOSE_TEXT;
  return [ARP_TABLE, EGRESS_TABLE]
    .map((table) => `flush set ${table} lease; add element ${table} lease { ${vip} timeout ${whole}ms }`)
    .join('; ');
}

export const CLOSE_TEXT = [TABLE, ARP_TABLE, EGRESS_TABLE]
  .map((table) => `flush set ${table} lease`)
  .join('; ');

export function ackPathText(peerAddress: string, open: boolean): string {
  return open ? `add element ${TABLE} ackpeer { ${peerAddress} }` : `flush set ${TABLE} ackpeer`;
}

/** Answers whatever clients send to a closed address with a reset for `ms`: they are not coming back here. */
export function resetsText({ vip, address }: FencePlace, ms: number): string {
  return `flush set ${TABLE} resets; add element ${TABLE} resets { ${vip} timeout ${ms}ms, ${address} timeout ${ms}ms }`;
}

/** Keeps what clients send outside for `ms`, while answers still leave; null ends it. */
export function freezeText({ vip, address }: FencePlace, ms: number | null): string {
  const flush = `flush set ${TABLE} frozen`;
  if (ms === null) return flush;
  return `${flush}; add element ${TABLE} frozen { ${vip} timeout ${ms}ms, ${address} timeout ${ms}ms }`;
}

export function listText(set: FenceSet): string {
  return `list set ${TABLE} ${set}`;
}

/** argv that ends what the peer has open to the port. */
export function endStreamArgv({ peerAddress, port }: Pick<FencePlace, 'peerAddress' | 'port'>): string[] {
  return [...KILL_ARGV, `( sport = :${port} and dst ${peerAddress} )`];
}

/**
 * argv that ends the connections of clients to the port, each with a reset; the peer's and local ones stay, those of
 * local programs through an address of the host among them.
 */
export function resetArgv({ vip, address, peerAddress, port }: FencePlace): string[] {
  const spared = ['127.0.0.0/8', vip, address, peerAddress];
  const clients = `( sport = :${port}${spared.map((one) => ` and not dst ${one}`).join('')} )`;
  return [...KILL_ARGV, clients];
}

/** ss --kill prints what it has ended, and leaves alone what the kernel does not let it end. */
const KILL_ARGV = ['ss', '--no-header', '--kill', '--numeric', '--ipv4', '--tcp', 'state', 'connected'];
