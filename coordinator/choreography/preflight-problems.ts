/** What must be so before a deploy touches anything: every problem of the hosts, each with its remedy. Pure. */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { Address } from '../../shared/model/facts.ts';
import { type HostPicture, hasVoted, isOurs, type PairFacts } from './facts.ts';

export interface Problem {
  /** Name of the host, or of the pair. */
  readonly subject: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Hardware address of a stranger that answers for the VIP; null when nobody does. */
export type Stranger = string | null;

const MAX_CLOCK_DIFFERENCE_MS = 2000;
const MB = 1024 * 1024;
/** The packages unpack to 250 MB; the server's first files take 150 MB. */
const FREE_BEFORE_MB = 700;
const FREE_AFTER_MB = 100;
/** Oldest release of each distribution whose MariaDB (10.11) and keepalived (2.2.7) are known to work. */
const SUPPORTED: Readonly<Record<string, number>> = { debian: 12, ubuntu: 24.04 };

export function preflightProblems(facts: PairFacts, flavor: Flavor, stranger: Stranger): readonly Problem[] {
  return [
    ...facts.hosts.flatMap((picture) => [
      ...systemProblems(picture, flavor),
      ...interfaceProblems(picture, facts.pair.vip),
      ...serverProblems(picture, flavor, facts.pair.database.port),
    ]),
    ...pairProblems(facts, flavor),
    ...loneProblems(facts),
    ...vipProblems(facts, stranger),
  ];
}

function systemProblems(picture: HostPicture, flavor: Flavor): Problem[] {
  const { host, spec } = picture;
  const problems: Problem[] = [];
  const add = (problem: string, remedy: string): void => {
    problems.push({ subject: spec.name, problem, remedy });
  };
  const oldest = SUPPORTED[host.os.id];
  if (oldest === undefined || Number(host.os.versionId) < oldest)
    add(
      `${host.os.prettyName || host.os.id} is not supported.`,
      'Use Debian 12 or later, or Ubuntu 24.04 or later.',
    );
  if (host.initSystem !== 'systemd')
    add(`its init system is ${host.initSystem}.`, 'hotpair needs systemd on the host.');
  if (host.uid !== 0)
    add('the agent does not run as root.', 'Run coordinator agent install with an ssh user that is root.');
  const needed =
    (isOurs(picture) && host.packages[flavor.serverPackage] ? FREE_AFTER_MB : FREE_BEFORE_MB) * MB;
  for (const disk of host.disks)
    if (disk.freeBytes < needed)
      add(
        `${disk.path} has ${Math.floor(disk.freeBytes / MB)} MB free, ${needed / MB} MB are needed.`,
        `Free space on the file system of ${disk.path}.`,
      );
  return problems;
}

function interfaceProblems({ host, spec }: HostPicture, vip: string): Problem[] {
  const known = [...new Set(host.addresses.map((address) => address.interface))].filter(
    (name) => name !== 'lo',
  );
  const own = host.addresses.filter((address) => address.interface === spec.interface);
  const remedy = `Correct hosts.${spec.name} in hotpair.yaml; the host's interfaces are ${known.join(', ') || 'none'}.`;
  if (own.length === 0)
    return [
      { subject: spec.name, problem: `it has no interface ${spec.interface} with an address.`, remedy },
    ];
  if (!own.some(({ address }) => address === spec.address))
    return [
      { subject: spec.name, problem: `${spec.interface} does not have the address ${spec.address}.`, remedy },
    ];
  if (own.some((address) => address.family === 'inet' && contains(address, vip))) return [];
  const networks = own.map(({ address, prefix }) => `${address}/${prefix}`).join(', ');
  return [
    {
      subject: spec.name,
      problem: `the VIP ${vip} is not in the subnet of ${spec.interface} (${networks}).`,
      remedy: `Choose a free address of that subnet as vip, or another interface for ${spec.name}.`,
    },
  ];
}

function serverProblems(picture: HostPicture, flavor: Flavor, port: number): Problem[] {
  const { host, spec } = picture;
  if (isOurs(picture)) return [];
  const installed = (host.packages[flavor.serverPackage] ?? null) !== null;
  const occupied = host.userDatabases ?? [];
  if (occupied.length > 0)
    return [
      {
        subject: spec.name,
        problem: `its database server holds databases of users (${occupied.join(', ')}) and was not deployed by hotpair.`,
        remedy: 'hotpair deploys empty hosts only: move the data elsewhere first, or use another host.',
      },
    ];
  if (host.userDatabases === null && host.paths[flavor.dataFolder] === true)
    return [
      {
        subject: spec.name,
        problem: `${flavor.dataFolder} exists, and no server answers that could tell whether it holds data of users.`,
        remedy: `Start the server so that hotpair can look, or move ${flavor.dataFolder} away if nobody needs it.`,
      },
    ];
  if (!installed && host.listening.includes(port))
    return [
      {
        subject: spec.name,
        problem: `something listens on port ${port} already.`,
        remedy: `Stop it, or choose another database.port in hotpair.yaml.`,
      },
    ];
  return [];
}

function pairProblems({ pair, hosts: [a, b] }: PairFacts, flavor: Flavor): Problem[] {
  const problems: Problem[] = [];
  const add = (problem: string, remedy: string): void => {
    problems.push({ subject: pair.name, problem, remedy });
  };
  const apart = Math.abs(a.clockOffsetMs - b.clockOffsetMs);
  if (apart > MAX_CLOCK_DIFFERENCE_MS)
    add(
      `the clocks of ${a.spec.name} and ${b.spec.name} are ${(apart / 1000).toFixed(1)} s apart.`,
      'Set both clocks, best by NTP (for example the package chrony).',
    );
  const systems = [a, b].map(({ host }) => `${host.os.id} ${host.os.versionId} ${host.architecture}`);
  if (systems[0] !== systems[1])
    add(
      `${a.spec.name} runs ${systems[0]}, ${b.spec.name} runs ${systems[1]}.`,
      'Both hosts must run the same release, so that both servers are of the same version.',
    );
  const [one, other] = [versionOf(a, flavor.serverPackage), versionOf(b, flavor.serverPackage)];
  if (one !== null && other !== null && one.version !== other.version)
    add(
      `${flavor.serverPackage} ${one.words} on ${a.spec.name} and ${other.words} on ${b.spec.name}.`,
      one.installed && other.installed
        ? 'Bring both hosts to the same version (apt-get install on the older one).'
        : 'Bring both hosts to the same package sources and lists (apt-get update on both; apt-cache policy shows them).',
    );
  return problems;
}

/** The version that the host has or would get; null where its package lists do not tell yet. */
function versionOf({ host }: HostPicture, name: string) {
  const present = host.packages[name] ?? null;
  const version = present ?? host.candidates[name] ?? null;
  if (version === null) return null;
  const installed = present !== null;
  return { version, installed, words: installed ? `is ${version}` : `would be ${version}` };
}

/** A deploy founds pairs of two empty servers; an empty one beside one with data would begin without them. */
function loneProblems({ hosts: [a, b] }: PairFacts): Problem[] {
  return [[a, b] as const, [b, a] as const].flatMap(([one, other]) =>
    hasVoted(one) && !isOurs(other)
      ? [
          {
            subject: other.spec.name,
            problem: `it has nothing of the pair, and ${one.spec.name} has its data.`,
            remedy: `coordinator reseed ${other.spec.name} sets it up and copies them from ${one.spec.name}, which goes on serving.`,
          },
        ]
      : [],
  );
}

function vipProblems({ pair }: PairFacts, stranger: Stranger): Problem[] {
  if (stranger === null) return [];
  return [
    {
      subject: pair.name,
      problem: `something in the network (${stranger}) answers for the VIP ${pair.vip}.`,
      remedy: 'Choose an address that is free, or remove it from the machine that has it.',
    },
  ];
}

function contains(network: Address, address: string): boolean {
  const mask = network.prefix === 0 ? 0 : (~0 << (32 - network.prefix)) >>> 0;
  return (toNumber(network.address) & mask) >>> 0 === (toNumber(address) & mask) >>> 0;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
