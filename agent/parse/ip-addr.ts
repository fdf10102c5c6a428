/** Addresses from `ip -j addr`, or from plain `ip addr` where this ip has no JSON. Pure; never throws. */

import type { Address } from '../../shared/model/facts.ts';

export function parseIpAddr(text: string): Address[] {
  return text.trimStart().startsWith('[') ? parseJson(text) : parsePlain(text);
}

function parseJson(text: string): Address[] {
  let links: unknown;
  try {
    links = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(links)) return [];
  return links.flatMap((link) => {
    const fields = record(link);
    const name = fields.get('ifname');
    const infos = fields.get('addr_info');
    if (typeof name !== 'string' || !Array.isArray(infos)) return [];
    return infos.flatMap((info) => {
      const { family, local, prefixlen } = Object.fromEntries(record(info));
      return address(name, family, local, prefixlen);
    });
  });
}

/** "2: eth0@if3: <UP> mtu 1500 ..." begins an interface, "    inet 10.0.0.1/24 ..." is one of its addresses. */
function parsePlain(text: string): Address[] {
  let name = '';
  return text.split('\n').flatMap((line) => {
    const link = /^\d+: ([^\s:@]+)(?:@[^\s:]*)?:\s/.exec(line)?.[1];
    if (link !== undefined) name = link;
    const match = /^\s+(inet6?) ([0-9a-fA-F.:]+)(?: peer \S+?)?(?:\/(\d{1,3}))?\s/.exec(`${line} `);
    if (match === null || name === '') return [];
    const peerPrefix = /^\s+inet6? \S+ peer [^\s/]+\/(\d{1,3})\s/.exec(`${line} `)?.[1];
    const prefix = match[3] ?? peerPrefix ?? (match[1] === 'inet' ? '32' : '128');
    return address(name, match[1], match[2], Number(prefix));
  });
}

function address(name: string, family: unknown, local: unknown, prefix: unknown): Address[] {
  if (family !== 'inet' && family !== 'inet6') return [];
  if (typeof local !== 'string' || typeof prefix !== 'number' || !Number.isInteger(prefix)) return [];
  if (prefix < 0 || prefix > (family === 'inet' ? 32 : 128)) return [];
  return [{ interface: name, address: local, prefix, family }];
}

function record(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
