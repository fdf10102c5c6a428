// Everything that can go wrong in the lab, by name. Each fault answers with its own end, and healAll ends them all,
// also those of another process: faults are state of the kernel, none is remembered here.
//
// A cut, drop or limit belongs to a host's port on the switch: it ends when that host is booted again.
import { stations } from './addresses.ts';
import type { NspawnHost } from './host.ts';
import { continueStopped, fillDisk, freeDisk, setDiskHung, setFrozen, signalProcess } from './host-faults.ts';
import {
  addRules,
  clearRate,
  clearRules,
  type PacketRule,
  setCable,
  setForwarding,
  setIsolated,
  setRate,
} from './switch-rules.ts';

/** Ends the fault it came from, and no other. */
export type EndFault = () => Promise<void>;

/** `name` is a host or a station (`operator`, `client`). */
export interface LabFaults {
  freeze(host: string): Promise<EndFault>;
  thaw(host: string): Promise<void>;
  /** Both ends see the carrier go. */
  pullCable(name: string): Promise<EndFault>;
  plugCable(name: string): Promise<void>;
  /** The carrier stays, nothing passes in either direction. */
  silentCut(name: string): Promise<EndFault>;
  endSilentCut(name: string): Promise<void>;
  /** The named ones (default: all hosts) do not reach each other; everyone else reaches them and is reached. */
  isolate(names?: readonly string[]): Promise<EndFault>;
  /** IP packets from one to the other vanish; the other direction works. */
  dropOneWay(from: string, to: string): Promise<EndFault>;
  /** Groups of hosts and stations that do not reach each other in either direction; who is in no group reaches all. */
  partition(...groups: readonly (readonly string[])[]): Promise<EndFault>;
  /** The broadcasts with which a host tells where an address is now vanish. */
  dropAnnouncements(from: string): Promise<EndFault>;
  /** VRRP alone vanishes: that of one sender, or everyone's. */
  dropVrrp(from?: string): Promise<EndFault>;
  /** So many percent of all IP packets vanish, or of those between two. */
  loseRandomly(percent: number, between?: readonly [from: string, to: string]): Promise<EndFault>;
  slowLink(name: string, kbit: number): Promise<EndFault>;
  /** A unit (all its processes) or one pid as the host counts. */
  killProcess(host: string, target: string | number): Promise<void>;
  stopProcess(host: string, target: string | number): Promise<EndFault>;
  contProcess(host: string, target: string | number): Promise<void>;
  /** Needs a lab with `disk: { loopMb }`. */
  fillDisk(host: string): Promise<EndFault>;
  /** Needs a lab with `disk: { loopMb }`: writers hang in the kernel. What was written before is synced by it. */
  hangDisk(host: string): Promise<EndFault>;
  healAll(): Promise<void>;
}

export function createFaults(prefix: string, hosts: ReadonlyMap<string, NspawnHost>): LabFaults {
  const host = (name: string): NspawnHost => {
    const found = hosts.get(name);
    if (found === undefined)
      throw new Error(`the lab has no host ${name}: it has ${[...hosts.keys()].join(', ')}`);
    return found;
  };
  const port = (name: string): string => (name in stations ? name : host(name).name);
  const checkedRules = (rules: readonly PacketRule[]): Promise<EndFault> =>
    addRules(
      prefix,
      rules.map(({ from, to, ...rule }) => ({
        ...rule,
        ...(from === undefined ? {} : { from: port(from) }),
        ...(to === undefined ? {} : { to: port(to) }),
      })),
    );
  const checkedRule = (rule: PacketRule): Promise<EndFault> => checkedRules([rule]);

  const faults: LabFaults = {
    async freeze(name) {
      await setFrozen(host(name), true);
      return () => faults.thaw(name);
    },
    thaw: (name) => setFrozen(host(name), false),
    async pullCable(name) {
      await setCable(prefix, port(name), 'pulled');
      return () => faults.plugCable(name);
    },
    plugCable: (name) => setCable(prefix, port(name), 'plugged'),
    async silentCut(name) {
      await setForwarding(prefix, port(name), false);
      return () => faults.endSilentCut(name);
    },
    endSilentCut: (name) => setForwarding(prefix, port(name), true),
    async isolate(names = [...hosts.keys()]) {
      for (const name of names) await setIsolated(prefix, port(name), true);
      return async () => {
        for (const name of names) await setIsolated(prefix, port(name), false);
      };
    },
    dropOneWay: (from, to) => checkedRule({ from, to, match: 'ip' }),
    partition: (...groups) =>
      checkedRules(waysBetween(groups).map(([from, to]) => ({ from, to, match: 'ip' as const }))),
    dropAnnouncements: (from) => checkedRule({ from, match: 'announcements' }),
    dropVrrp: (from) => checkedRule({ match: 'vrrp', ...(from === undefined ? {} : { from }) }),
    loseRandomly(percent, between) {
      if (!(percent > 0 && percent <= 100))
        throw new RangeError(`a loss of ${percent} percent is not in 1 to 100`);
      const ends = between === undefined ? {} : { from: between[0], to: between[1] };
      return checkedRule({ match: 'ip', percent: Math.round(percent), ...ends });
    },
    async slowLink(name, kbit) {
      await setRate(prefix, port(name), kbit);
      return () => clearRate(prefix, name);
    },
    killProcess: (name, target) => signalProcess(host(name), target, 'SIGKILL'),
    async stopProcess(name, target) {
      await signalProcess(host(name), target, 'SIGSTOP');
      return () => faults.contProcess(name, target);
    },
    contProcess: (name, target) => signalProcess(host(name), target, 'SIGCONT'),
    async fillDisk(name) {
      await fillDisk(host(name));
      return () => freeDisk(host(name));
    },
    async hangDisk(name) {
      await setDiskHung(host(name), true);
      return () => setDiskHung(host(name), false);
    },
    async healAll() {
      await clearRules(prefix);
      for (const name of Object.keys(stations)) await healPort(prefix, name);
      for (const one of hosts.values()) {
        if (one.running) await healHost(prefix, one);
      }
    },
  };
  return faults;
}

/** Every way from a member of one group to a member of another. */
function waysBetween(groups: readonly (readonly string[])[]): [from: string, to: string][] {
  return groups.flatMap((group) =>
    groups
      .filter((other) => other !== group)
      .flatMap((other) => group.flatMap((from) => other.map((to): [string, string] => [from, to]))),
  );
}

async function healPort(prefix: string, name: string): Promise<void> {
  await setCable(prefix, name, 'plugged');
  await setForwarding(prefix, name, true);
  await setIsolated(prefix, name, false);
  await clearRate(prefix, name);
}

async function healHost(prefix: string, host: NspawnHost): Promise<void> {
  if (host.ownDisk) await setDiskHung(host, false);
  await setFrozen(host, false);
  continueStopped(host);
  await healPort(prefix, host.name);
  if (host.ownDisk) await freeDisk(host);
}
