/** The addresses of this host: the whole truth by ip(8), or cheaply by the C library for heartbeats. */

import { networkInterfaces } from 'node:os';
import type { Address } from '../../shared/model/facts.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { parseIpAddr } from '../parse/ip-addr.ts';

/** By `ip -j addr`, or plain `ip addr` where this ip knows no JSON. */
export async function readAddresses(signal?: AbortSignal): Promise<Address[]> {
  const options = { timeoutMs: 5000, check: false, ...(signal === undefined ? {} : { signal }) };
  const json = await runCommand(['ip', '-j', 'addr'], options);
  if (json.code === 0 && json.stdout.trimStart().startsWith('[')) return parseIpAddr(json.stdout);
  const plain = await runCommand(['ip', 'addr'], { ...options, check: true });
  return parseIpAddr(plain.stdout);
}

/** Without a process; leaves out interfaces that have no carrier (getifaddrs(3) as Node reads it). */
export function listAddresses(): Address[] {
  return Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos.flatMap((info) => {
      const prefix = Number(info.cidr?.split('/')[1]);
      if (!Number.isInteger(prefix)) return [];
      const family = info.family === 'IPv4' ? ('inet' as const) : ('inet6' as const);
      // An address with a label ("eth0:1") is listed under the label.
      return [{ interface: name.split(':')[0] ?? name, address: info.address, prefix, family }];
    }),
  );
}
