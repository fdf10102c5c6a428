/** What must be unique over all pairs of the file, and what the coordinator's own part must not share with them. */

import { isIPv4 } from 'node:net';
import { DEFAULT_AGENT_PORT } from '../../shared/model/paths.ts';
import { type PairFile, parseCidr } from './pair-rules.ts';
import type { Path, Report } from './problems.ts';

type NamedPair = readonly [name: string, pair: PairFile];

export function checkFleet(pairs: readonly NamedPair[], agentPort: number | undefined, report: Report): void {
  checkAddresses(pairs, report);
  checkHostNames(pairs, report);
  checkRouterIds(pairs, report);
  const port = agentPort ?? DEFAULT_AGENT_PORT;
  for (const [name, pair] of pairs)
    if ((pair.database?.port ?? 3306) === port)
      report(
        ['pairs', name, 'database', 'port'],
        `${port} is the port of the agents; the server needs another one`,
      );
}

/** A VIP that is also an address of the same pair's host is checked by the rules of the pair. */
function checkAddresses(pairs: readonly NamedPair[], report: Report): void {
  const owners = new Map<string, { pair: string; what: string }>();
  for (const { address, pair, what, path } of pairs.flatMap(addressesOf)) {
    const owner = owners.get(address);
    if (owner === undefined) owners.set(address, { pair, what });
    else if (owner.pair !== pair || !what.startsWith('the VIP'))
      report(path, `${address} is already ${owner.what}`);
  }
}

function addressesOf([name, pair]: NamedPair): { address: string; pair: string; what: string; path: Path }[] {
  const hosts = Object.entries(pair.hosts).map(([host, { address }]) => ({
    address,
    pair: name,
    what: `the address of ${host} in ${name}`,
    path: ['pairs', name, 'hosts', host, 'address'],
  }));
  const vip = {
    address: pair.vip.split('/')[0] ?? '',
    pair: name,
    what: `the VIP of ${name}`,
    path: ['pairs', name, 'vip'],
  };
  return [...hosts, vip].filter(({ address }) => isIPv4(address));
}

/** Commands, events and certificates name hosts without their pair. */
function checkHostNames(pairs: readonly NamedPair[], report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, pair] of pairs)
    for (const host of Object.keys(pair.hosts)) {
      const owner = owners.get(host);
      if (owner === undefined) owners.set(host, name);
      else
        report(
          ['pairs', name, 'hosts', host],
          `${owner} has a host of that name too; give each host its own name`,
        );
    }
}

function checkRouterIds(pairs: readonly NamedPair[], report: Report): void {
  const known = new Map<number, Network[]>();
  for (const [name, pair] of pairs) {
    const network = networkOf(name, pair);
    if (network === undefined) continue;
    const same = known.get(routerIdOf(pair)) ?? [];
    const rival = same.find((other) => meet(network, other));
    same.push(network);
    known.set(routerIdOf(pair), same);
    if (rival === undefined) continue;
    const message = `virtual_router_id ${routerIdOf(pair)} is used by ${rival.pair} in the same network; set another one`;
    report(['pairs', name, 'vrrp', 'virtual_router_id'], message);
  }
}

function routerIdOf(pair: PairFile): number {
  return pair.vrrp?.virtual_router_id ?? 51;
}

/** An IPv4 address and the mask of its network, as numbers: a large file has a million of them to compare. */
interface Network {
  readonly pair: string;
  readonly address: number;
  readonly mask: number;
}

function networkOf(pair: string, { vip }: PairFile): Network | undefined {
  const parsed = parseCidr(vip);
  if (parsed === undefined) return undefined;
  const address = parsed.address.split('.').reduce((sum, byte) => (sum << 8) | Number(byte), 0);
  return { pair, address, mask: -1 << (32 - parsed.prefix) };
}

/** Two networks meet when one holds the other's address. */
function meet(one: Network, other: Network): boolean {
  const difference = one.address ^ other.address;
  return (difference & one.mask) === 0 || (difference & other.mask) === 0;
}
