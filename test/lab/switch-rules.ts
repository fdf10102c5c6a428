// Faults of the wire, made at the switch: ports that are down, deaf or apart, and packets it drops on the way.
// Both ends keep their carrier and their addresses unless a cable is pulled, as behind a broken real switch.

import { portOf, switchNetns } from './network.ts';
import { netnsName } from './paths.ts';
import { type RunOptions, run } from './run.ts';

const table = ['bridge', 'lab'] as const;

/** What one port of the switch forwards: `pulled` takes the carrier away, `deaf` keeps it and forwards nothing. */
export async function setCable(prefix: string, name: string, state: 'plugged' | 'pulled'): Promise<void> {
  await run([
    'ip',
    '-n',
    switchNetns(prefix),
    'link',
    'set',
    portOf(name),
    state === 'pulled' ? 'down' : 'up',
  ]);
}

const stpDisabled = '0';
const stpForwarding = '3';

export async function setForwarding(prefix: string, name: string, forwards: boolean): Promise<void> {
  await bridgePort(prefix, name, ['state', forwards ? stpForwarding : stpDisabled]);
}

/** Isolated ports do not reach each other; every other port reaches them all. */
export async function setIsolated(prefix: string, name: string, isolated: boolean): Promise<void> {
  await bridgePort(prefix, name, ['isolated', isolated ? 'on' : 'off']);
}

async function bridgePort(prefix: string, name: string, setting: readonly string[]): Promise<void> {
  await run(['bridge', '-n', switchNetns(prefix), 'link', 'set', 'dev', portOf(name), ...setting]);
}

export interface PacketRule {
  /** Port the packet comes in by, and leaves by; absent: any. */
  readonly from?: string;
  readonly to?: string;
  /** `announcements`: broadcast ARP, which is how a host tells everybody where an address is now. */
  readonly match: 'ip' | 'vrrp' | 'announcements';
  /** Share of the matching packets that is dropped; absent: all. */
  readonly percent?: number;
}

const matches: Readonly<Record<PacketRule['match'], readonly string[]>> = {
  ip: ['ether', 'type', 'ip'],
  vrrp: ['ether', 'type', 'ip', 'ip', 'protocol', '112'],
  announcements: ['ether', 'type', 'arp', 'ether', 'daddr', 'ff:ff:ff:ff:ff:ff'],
};

/** The words of the nft rule. A cut lets ARP pass: it is a route that is gone, not the neighbour's existence. */
export function renderRule({ from, to, match, percent }: PacketRule): string[] {
  return [
    ...(from === undefined ? [] : ['iifname', `"${portOf(from)}"`]),
    ...(to === undefined ? [] : ['oifname', `"${portOf(to)}"`]),
    ...matches[match],
    ...(percent === undefined ? [] : ['numgen', 'random', 'mod', '100', '<', String(percent)]),
    'drop',
  ];
}

/** Adds rules, all at the same moment; the answer removes those rules alone. */
export async function addRules(prefix: string, rules: readonly PacketRule[]): Promise<() => Promise<void>> {
  const chain = [...table, 'forward'].join(' ');
  const lines = [
    `add table ${table.join(' ')}`,
    `add chain ${chain} { type filter hook forward priority 0; }`,
    ...rules.map((rule) => `add rule ${chain} ${renderRule(rule).join(' ')}`),
  ];
  const { stdout } = await nft(prefix, ['-a', '-e', '-f', '-'], { input: `${lines.join('\n')}\n` });
  const handles = [...stdout.matchAll(/^add rule .*# handle (\d+)/gm)].map(([, handle = '']) => handle);
  if (handles.length !== rules.length)
    throw new Error(`nft did not name the handles of the rules it added: ${stdout}`);
  return async () => {
    for (const handle of handles) {
      // Gone already when everything was healed in between.
      await nft(prefix, ['delete', 'rule', ...table, 'forward', 'handle', handle], { check: false });
    }
  };
}

export async function clearRules(prefix: string): Promise<void> {
  await nft(prefix, ['delete', 'table', ...table], { check: false });
}

function nft(prefix: string, argv: readonly string[], options: RunOptions): ReturnType<typeof run> {
  return run(['ip', 'netns', 'exec', switchNetns(prefix), 'nft', ...argv], options);
}

/** Limits both directions of a link with a token bucket. */
export async function setRate(prefix: string, name: string, kbit: number): Promise<void> {
  const bucket = ['root', 'tbf', 'rate', `${kbit}kbit`, 'burst', '16kb', 'latency', '400ms'];
  for (const [netns, device] of endsOf(prefix, name)) {
    await run(['tc', '-n', netns, 'qdisc', 'replace', 'dev', device, ...bucket]);
  }
}

export async function clearRate(prefix: string, name: string): Promise<void> {
  for (const [netns, device] of endsOf(prefix, name)) {
    await run(['tc', '-n', netns, 'qdisc', 'del', 'dev', device, 'root'], { check: false });
  }
}

function endsOf(prefix: string, name: string): (readonly [netns: string, device: string])[] {
  return [
    [switchNetns(prefix), portOf(name)],
    [netnsName(prefix, name), 'eth0'],
  ];
}
