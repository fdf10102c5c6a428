/** The whole rule set of the fence, as texts for `nft -f -`. Pure. */

import { ARP_TABLE, EGRESS_TABLE, type FencePlace, TABLE } from './nft-text.ts';

/** For `nft -f -`: no table, whether there was one or not. */
export const REMOVE_TEXT = [TABLE, ARP_TABLE, EGRESS_TABLE]
  .map((table) => `add table ${table}\ndelete table ${table}\n`)
  .join('');

/** What the fence that was there before is to this one. */
export type FormerFence = 'none' | 'same' | 'other';

export const SETS: Readonly<Record<string, string>> = {
  lease: 'type ipv4_addr; flags timeout;',
  repl: 'type ipv4_addr;',
  ackpeer: 'type ipv4_addr;',
  resets: 'type ipv4_addr; flags timeout;',
  frozen: 'type ipv4_addr; flags timeout;',
};
export const HOOKS: Readonly<Record<string, string>> = { early: 'prerouting', in: 'input', out: 'output' };

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
