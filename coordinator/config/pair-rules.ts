/** What the schema cannot say about one pair: addresses, VRRP timing, names and settings that would not work. */

import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { HotpairFile } from '../../shared/model/hotpair-file.ts';
import { parseIntervalMs } from './normalize.ts';
import type { Path, Report } from './problems.ts';
import { canonicalSetting, reservedReason } from './reserved-settings.ts';

/** Common names of certificates tell hosts from the coordinator. */
const RESERVED_HOSTS = ['coordinator'];

export type PairFile = HotpairFile['pairs'][string];

export function checkPair(pair: PairFile, path: Path, report: Report): void {
  const hosts = Object.entries(pair.hosts);
  for (const [name, host] of hosts) {
    const at = [...path, 'hosts', name];
    if (RESERVED_HOSTS.includes(name))
      report(at, `no host can be named ${name}: agents and guards know the coordinator by it`, 'key');
    checkAddress(host.address, [...at, 'address'], report);
    if (host.ssh !== undefined && !/^[^\s-]\S*$/.test(host.ssh))
      report([...at, 'ssh'], 'must be a destination of ssh such as root@10.0.0.11');
  }
  checkVip(pair, path, report);
  checkInterval(pair, path, report);
  checkSettings(pair.database?.settings ?? {}, [...path, 'database', 'settings'], report);
  checkApplication(pair, [...path, 'database', 'application'], report);
}

function checkAddress(address: string, path: Path, report: Report): void {
  if (!isIPv4(address))
    report(path, `must be an IPv4 address such as 10.0.0.11, not ${JSON.stringify(address)}`);
  else if (!isHostAddress(address)) report(path, `${address} cannot be the address of a host`);
}

/** Unspecified, loopback, multicast and everything above are no addresses of a host on a network. */
function isHostAddress(address: string): boolean {
  const range = ipaddr.IPv4.parse(address).range();
  if (['unspecified', 'loopback', 'multicast', 'broadcast'].includes(range)) return false;
  return Number(address.split('.')[0]) < 240;
}

function checkVip(pair: PairFile, path: Path, report: Report): void {
  const at = [...path, 'vip'];
  const network = parseCidr(pair.vip);
  if (network === undefined) {
    report(
      at,
      `must be an IPv4 address with prefix length such as 10.0.0.10/24, not ${JSON.stringify(pair.vip)}`,
    );
    return;
  }
  const { address, cidr } = network;
  if (!isHostAddress(address)) report(at, `${address} cannot be the address of a host`);
  else if (network.prefix > 29)
    report(at, 'the prefix length must be at most 29: the network holds the VIP and both hosts');
  else if (address === ipaddr.IPv4.networkAddressFromCIDR(pair.vip).toString())
    report(at, `${address} is the address of the network itself`);
  else if (address === ipaddr.IPv4.broadcastAddressFromCIDR(pair.vip).toString())
    report(at, `${address} is the broadcast address of the network`);
  else checkHostsOfVip(pair, address, cidr, (message) => report(at, message));
}

type Cidr = [ipaddr.IPv4, number];

function checkHostsOfVip(
  pair: PairFile,
  vip: string,
  network: Cidr,
  report: (message: string) => void,
): void {
  const hosts = Object.entries(pair.hosts).filter(
    ([, { address }]) => isIPv4(address) && isHostAddress(address),
  );
  const same = hosts.find(([, { address }]) => address === vip);
  if (same !== undefined) report(`is also the address of ${same[0]}; the VIP must be an address of its own`);
  const outside = hosts.filter(([, { address }]) => !ipaddr.IPv4.parse(address).match(network));
  if (outside.length > 0) {
    const names = outside.map(([name, { address }]) => `${name} (${address})`).join(' and ');
    report(`${names} ${outside.length === 1 ? 'is' : 'are'} outside the network of the VIP`);
  }
}

/** Address, prefix and parsed network of `a.b.c.d/n`. */
export function parseCidr(text: string) {
  const [address = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv4(address) || !/^([1-9]|[12][0-9]|3[0-2])$/.test(prefix)) return undefined;
  return { address, prefix: Number(prefix), cidr: ipaddr.IPv4.parseCIDR(text) };
}

/** keepalived counts VRRPv3 intervals in hundredths of a second. */
function checkInterval(pair: PairFile, path: Path, report: Report): void {
  const text = pair.vrrp?.advert_interval;
  if (text === undefined) return;
  const ms = parseIntervalMs(text);
  const at = [...path, 'vrrp', 'advert_interval'];
  if (ms < 10 || ms > 10_000) report(at, `must be from 10ms to 10s, not ${text}`);
  else if (ms % 10 !== 0)
    report(at, `must be a multiple of 10ms, not ${text}: VRRP counts in hundredths of a second`);
}

function checkSettings(settings: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    const canonical = canonicalSetting(name);
    const earlier = seen.get(canonical);
    const reason = reservedReason(name);
    if (earlier !== undefined) report([...path, name], `is the same setting as ${earlier}`, 'key');
    if (reason !== undefined) report([...path, name], `${name} is not yours to set: ${reason}`, 'key');
    if (typeof value === 'string' && /\p{Cc}/u.test(value))
      report([...path, name], 'must be one line of text');
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      report([...path, name], 'is too large for a number; put it in quotes');
    seen.set(canonical, name);
  }
}

const SYSTEM_DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys', 'hotpair'];
const SYSTEM_USERS = ['root', 'mysql'];

function checkApplication(pair: PairFile, path: Path, report: Report): void {
  const application = pair.database?.application;
  if (application === undefined) return;
  if (SYSTEM_DATABASES.includes(application.database.toLowerCase()))
    report([...path, 'database'], `${application.database} belongs to the server or to hotpair`);
  if (SYSTEM_USERS.includes(application.user) || application.user.startsWith('hotpair_'))
    report([...path, 'user'], `${application.user} belongs to the server or to hotpair`);
  if (application.from !== undefined && !/^[A-Za-z0-9.%_:/-]{1,255}$/.test(application.from))
    report([...path, 'from'], "must be a client host pattern of the server such as '10.0.0.%'");
}
