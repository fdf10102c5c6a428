// The faults as the command line names them: one row a kind, in the order `lab --help` prints them.
import type { Lab } from './lab.ts';

export interface FaultKind {
  readonly kind: string;
  /** What stands after the kind on the command line; absent: nothing. */
  readonly argument?: string;
  readonly effect: string;
  start(lab: Lab, name: string, argument: string): Promise<unknown>;
}

export const faultKinds: readonly FaultKind[] = [
  {
    kind: 'power-loss',
    effect: 'the plug is pulled; `boot` turns it on again',
    start: (lab, name) => lab.host(name).powerLoss(),
  },
  {
    kind: 'power-loss-unsynced',
    effect: 'the same, and what was not synced is lost (needs --disk MB)',
    start: (lab, name) => lab.host(name).powerLoss({ loseUnsynced: true }),
  },
  { kind: 'power-off', effect: 'a clean shutdown', start: (lab, name) => lab.host(name).powerOff() },
  { kind: 'freeze', effect: 'every process stops', start: (lab, name) => lab.faults.freeze(name) },
  { kind: 'cable', effect: 'the carrier goes away', start: (lab, name) => lab.faults.pullCable(name) },
  {
    kind: 'silent-cut',
    effect: 'the carrier stays, no packet passes',
    start: (lab, name) => lab.faults.silentCut(name),
  },
  {
    kind: 'isolate',
    argument: 'OTHER',
    effect: 'these two do not reach each other, everyone else reaches both',
    start: (lab, name, other) => lab.faults.isolate([name, other]),
  },
  {
    kind: 'one-way',
    argument: 'TO',
    effect: 'its IP packets do not reach TO',
    start: (lab, name, to) => lab.faults.dropOneWay(name, to),
  },
  {
    kind: 'cut',
    argument: 'OTHER',
    effect: 'nothing but ARP passes between these two, everyone else reaches both',
    start: (lab, name, other) => lab.faults.partition([name], [other]),
  },
  {
    kind: 'announcements',
    effect: 'its gratuitous ARP vanishes',
    start: (lab, name) => lab.faults.dropAnnouncements(name),
  },
  { kind: 'vrrp', effect: 'its VRRP adverts vanish', start: (lab, name) => lab.faults.dropVrrp(name) },
  {
    kind: 'loss',
    argument: 'PERCENT',
    effect: 'so much of all IP traffic vanishes, whoever is named',
    start: (lab, _name, percent) => lab.faults.loseRandomly(Number(percent)),
  },
  {
    kind: 'slow',
    argument: 'KBIT',
    effect: 'its link carries so many kbit/s',
    start: (lab, name, kbit) => lab.faults.slowLink(name, Number(kbit)),
  },
  {
    kind: 'kill',
    argument: 'UNIT',
    effect: 'SIGKILL to every process of the unit',
    start: (lab, name, unit) => lab.faults.killProcess(name, unit),
  },
  {
    kind: 'stop',
    argument: 'UNIT',
    effect: 'SIGSTOP to every process of the unit',
    start: (lab, name, unit) => lab.faults.stopProcess(name, unit),
  },
  {
    kind: 'disk-full',
    effect: 'no block is free (needs --disk MB)',
    start: (lab, name) => lab.faults.fillDisk(name),
  },
  {
    kind: 'disk-hung',
    effect: 'writers hang (needs --disk MB)',
    start: (lab, name) => lab.faults.hangDisk(name),
  },
];

/** Starts a fault by its name on the command line. */
export async function startFault(lab: Lab, name: string, kind: string, argument?: string): Promise<void> {
  const row = faultKinds.find((candidate) => candidate.kind === kind);
  if (row === undefined)
    throw new Error(`there is no fault ${kind}: ${faultKinds.map((one) => one.kind).join(', ')}`);
  if (row.argument !== undefined && argument === undefined)
    throw new Error(`fault ${kind} needs ${row.argument}`);
  await row.start(lab, name, argument ?? '');
}
