/**
 * The words that nft is told, and the reading of its answers. Pure.
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

const TABLE = 'inet hotpair';
/** The kernel's own answers for the virtual address are of another family than its packets. */
const ARP_TABLE = 'arp hotpair';
/** What programs announce past the kernel (keepalived does) is met on its way out of the interface alone. */
const EGRESS_TABLE = 'netdev hotpair';

export const LIST_TABLE_ARGV = ['nft', 'list', 'table', 'inet', 'hotpair'] as const;
/** Reads the texts of whole tables. */
export const LOAD_ARGV = ['nft', '-f', '-'] as const;

/** How many ms of a lease the kernel's clock may round away (its tick is 4 ms on Debian, 10 ms at most). */
const SHORTEST_MS = 10;

/** Lets clients in at `addresses` for `ms`, and at no others. Less than a tick of the kernel is none at all. */
export function leaseText(addresses: readonly string[], ms: number): string {
  const whole = Math.floor(ms);
  if (!Number.isFinite(whole) || whole < SHORTEST_MS) return CLOSE_TEXT;
  const elements = addresses.map((address) => `${address} timeout ${whole}ms`).join(', ');
  return [
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

/** For `nft -f -`: no table, whether there was one or not. */
export const REMOVE_TEXT = [TABLE, ARP_TABLE, EGRESS_TABLE]
  .map((table) => `add table ${table}\ndelete table ${table}\n`)
  .join('');

/** What the fence that was there before is to this one. */
export type FormerFence = 'none' | 'same' | 'other';

const SETS: Readonly<Record<string, string>> = {
  lease: 'type ipv4_addr; flags timeout;',
  repl: 'type ipv4_addr;',
  ackpeer: 'type ipv4_addr;',
  resets: 'type ipv4_addr; flags timeout;',
  frozen: 'type ipv4_addr; flags timeout;',
};
const HOOKS: Readonly<Record<string, string>> = { early: 'prerouting', in: 'input', out: 'output' };

/**
 * For `nft -f -`: the whole rule set. Over the same fence its rules are written anew and the lease stays; one of
 * another shape is replaced, closed. Its chains are never without rules in between: the kernel changes all of a
 * transaction at once.
 */
export function tableText(place: FencePlace, former: FormerFence, ackPathOpen: boolean): string {
  return [
    ...(former === 'other' ? [`delete table ${TABLE}`] : []),
    `table ${TABLE} {`,
    ...Object.entries(SETS).map(([name, spec]) => `  set ${name} { ${spec} }`),
    ...Object.entries(HOOKS).map(
      ([name, hook]) => `  chain ${name} { type filter hook ${hook} priority -10; policy accept; }`,
    ),
    '}',
    ...Object.keys(HOOKS).map((name) => `flush chain ${TABLE} ${name}`),
    `flush set ${TABLE} repl`,
    `flush set ${TABLE} ackpeer`,
    `table ${TABLE} {`,
    `  set repl { ${SETS['repl']} elements = { ${place.peerAddress} } }`,
    ...(ackPathOpen ? [`  set ackpeer { ${SETS['ackpeer']} elements = { ${place.peerAddress} } }`] : []),
    '  chain early {',
    ...earlyRules(place).map((rule) => `    ${rule}`),
    '  }',
    '  chain in {',
    ...inRules(place).map((rule) => `    ${rule}`),
    '  }',
    '  chain out {',
    ...outRules(place).map((rule) => `    ${rule}`),
    '  }',
    '}',
    ...arpText(place, former),
    '',
  ].join('\n');
}

/**
 * A host whose lease ran out is silent about the virtual address, though keepalived may go on believing that it has it
 * (its guard hangs, the host was frozen): it neither answers for the address nor announces it.
 */
function arpText({ vip }: FencePlace, former: FormerFence): string[] {
  const anew = [ARP_TABLE, EGRESS_TABLE].flatMap((table) => [`add table ${table}`, `delete table ${table}`]);
  return [
    ...(former === 'same' ? [] : anew),
    `table ${ARP_TABLE} {`,
    `  set lease { ${SETS['lease']} }`,
    '  chain out { type filter hook output priority 0; policy accept; }',
    '}',
    `flush chain ${ARP_TABLE} out`,
    `add rule ${ARP_TABLE} out ${silence(vip)}`,
    `table ${EGRESS_TABLE} {`,
    `  set lease { ${SETS['lease']} }`,
    '}',
  ];
}

/**
 * To follow the tables: the same for packets that programs send past the kernel's own ARP, which is how keepalived
 * announces. Kernels before 5.16 do not know this hook.
 */
export function egressText({ vip, interface: device }: FencePlace): string {
  return [
    `table ${EGRESS_TABLE} {`,
    `  chain out { type filter hook egress device "${device}" priority 0; policy accept; }`,
    '}',
    `flush chain ${EGRESS_TABLE} out`,
    `add rule ${EGRESS_TABLE} out ${silence(vip)}`,
    '',
  ].join('\n');
}

const silence = (vip: string): string => `arp saddr ip ${vip} arp saddr ip != @lease drop`;

/** A client that wants to connect and hears nothing waits for its time-out, while the other host serves already. */
const NEWCOMER = 'tcp flags & (syn | ack) == syn';

/**
 * Clients whose network still leads to a host that the virtual address has just left get their reset from it, too: they
 * would wait for an answer otherwise, and come late to the other host.
 */
function earlyRules({ vip, port }: FencePlace): string[] {
  return [
    'iif "lo" accept',
    `ip daddr ${vip} ip daddr @resets ip daddr != @lease tcp dport ${port} reject with tcp reset`,
    `ip daddr ${vip} ip daddr != @lease tcp dport ${port} ${NEWCOMER} reject with tcp reset`,
  ];
}

function inRules({ address, port }: FencePlace): string[] {
  return [
    'iif "lo" accept',
    // A keepalived that believes in itself answers every advertisement of the other one with announcements.
    'ip protocol 112 ip daddr != @lease drop',
    // The peer's replica and guard: at the own address only, so that a program on the peer needs the lease like any
    // other client when it comes to the virtual address.
    `ip saddr @repl ip daddr ${address} tcp dport ${port} accept`,
    `ip daddr @frozen tcp dport ${port} drop`,
    `ip daddr @lease tcp dport ${port} accept`,
    `ip daddr @resets tcp dport ${port} reject with tcp reset`,
    `tcp dport ${port} ${NEWCOMER} reject with tcp reset`,
    // A session that is there already stands still: it goes on where the lease comes back at once.
    `tcp dport ${port} drop`,
  ];
}

function outRules({ address, peerAddress, port }: FencePlace): string[] {
  return [
    'oif "lo" accept',
    // Advertisements of VRRP (a minimal host does not know it by name): without them the other host's keepalived takes the address, as soon as it may.
    'ip protocol 112 ip saddr != @lease drop',
    `ip saddr ${address} ip daddr @repl tcp sport ${port} accept`,
    `ip saddr @lease tcp sport ${port} accept`,
    // A reset carries no data, and tells a client to look elsewhere.
    `tcp sport ${port} tcp flags & rst == rst accept`,
    `tcp sport ${port} drop`,
    // The ACK path: without the peer in the set nothing of the own replica reaches it, and its connection is reset.
    `ip daddr ${peerAddress} ip daddr != @ackpeer tcp dport ${port} reject with tcp reset`,
  ];
}

/** Whether a listing of the table (undefined: there is none) has the sets and chains of this fence, and no others. */
export function formerFence(listing: string | undefined): FormerFence {
  if (listing === undefined) return 'none';
  const declared = [...listing.matchAll(/^\t(\S+) (\S+) \{$/gm)].map(([, kind, name]) => `${kind} ${name}`);
  const expected = [
    ...Object.keys(SETS).map((name) => `set ${name}`),
    ...Object.keys(HOOKS).map((name) => `chain ${name}`),
  ];
  const same = declared.toSorted().join() === expected.toSorted().join();
  const timed = setsOf(listing).every(([name, body]) => body.includes('flags timeout') === isTimed(name));
  const hooked = Object.values(HOOKS).every((hook) =>
    new RegExp(`type filter hook ${hook} priority (filter - 10|-10); policy accept;`).test(listing),
  );
  return same && timed && hooked ? 'same' : 'other';
}

function setsOf(listing: string): (readonly [name: string, body: string])[] {
  const sets = listing.matchAll(/^\tset (\S+) \{\n([^}]*(?:elements = \{[^}]*\})?[^}]*)^\t\}$/gm);
  return [...sets].map(([, name = '', body = '']) => [name, body] as const);
}

function isTimed(set: string): boolean {
  return SETS[set]?.includes('flags timeout') === true;
}

/** The addresses in a set, from the listing of the set or of its table; undefined when the listing has no such set. */
export function elementsOf(listing: string, set: FenceSet): readonly string[] | undefined {
  const body = setsOf(listing).find(([name]) => name === set)?.[1];
  if (body === undefined) return undefined;
  const elements = /elements = \{([^}]*)\}/.exec(body)?.[1] ?? '';
  return elements
    .split(',')
    .map((element) => element.trim().split(/\s+/)[0] ?? '')
    .filter((address) => address !== '');
}

/**
 * argv that ends the connections of clients to the port, each with a reset; the peer's and local ones stay, those of
 * local programs through an address of the host among them.
 */
export function resetArgv({ vip, address, peerAddress, port }: FencePlace): string[] {
  const spared = ['127.0.0.0/8', vip, address, peerAddress];
  const clients = `( sport = :${port}${spared.map((one) => ` and not dst ${one}`).join('')} )`;
  return ['ss', '--no-header', '--kill', '--numeric', '--ipv4', '--tcp', 'state', 'connected', clients];
}
