/**
 * What a person wants to know before a command changes a pair: the conditions that the page itself can see. The daemon
 * and the guards check again, and theirs counts. Pure.
 */

import type { CommandBody } from '../../../shared/api/jobs.ts';
import type { HostView, PairDetail } from '../../../shared/api/pair-view.ts';

export type Deed =
  | { readonly command: 'switchover'; readonly body: CommandBody<'switchover'> }
  | { readonly command: 'drill'; readonly body: CommandBody<'drill'> }
  | { readonly command: 'maintenance'; readonly body: CommandBody<'maintenance'> }
  | { readonly command: 'report'; readonly body: CommandBody<'report'> };
export type DeedName = Deed['command'];

export type CheckName = 'primary' | 'standby-ready' | 'sync' | 'replication' | 'witness' | 'not-primary';
export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  /** The host that it is about. */
  readonly host: string;
}

export function primaryHost(pair: PairDetail): HostView | null {
  return pair.hosts.find(({ name }) => name === pair.primary) ?? null;
}

export function standbyHost(pair: PairDetail): HostView | null {
  return pair.primary === null ? null : (pair.hosts.find(({ name }) => name !== pair.primary) ?? null);
}

export function checksOf(deed: Deed, pair: PairDetail): Check[] {
  if (deed.command === 'report') return [];
  if (deed.command === 'maintenance') return maintenanceChecks(deed.body, pair);
  const primary = primaryHost(pair);
  const standby = standbyHost(pair);
  const other = standby?.name ?? pair.hostNames[1];
  return [
    {
      name: 'primary',
      ok: primary?.reachable === true && primary.hasVip,
      host: primary?.name ?? pair.hostNames[0],
    },
    { name: 'standby-ready', ok: standby?.guard?.promotable === true, host: other },
    { name: 'replication', ok: standby?.replication.condition === 'healthy', host: other },
    { name: 'sync', ok: pair.mode === 'sync', host: '' },
    witnessCheck(pair),
  ];
}

function maintenanceChecks({ host, on }: CommandBody<'maintenance'>, pair: PairDetail): Check[] {
  if (!on) return [];
  const primary = primaryHost(pair);
  return [
    { name: 'not-primary', ok: pair.primary !== null && pair.primary !== host, host },
    { name: 'primary', ok: primary?.reachable === true && primary.hasVip, host: primary?.name ?? '' },
    witnessCheck(pair),
  ];
}

function witnessCheck(pair: PairDetail): Check {
  const heard = pair.links.filter(({ to }) => to === 'witness');
  // A standby asks the witness when it votes: of it nothing is known before.
  const ok = heard.some(({ up }) => up === true) && heard.every(({ up }) => up !== false);
  return { name: 'witness', ok, host: '' };
}

/** The standby is the one to be left to the operator; a host that is left to them already can be taken back. */
export function maintenanceDeed(pair: PairDetail): CommandBody<'maintenance'> {
  const held = pair.hosts.find(
    ({ guard }) => guard?.order?.kind === 'maintenance' || guard?.role === 'maintenance',
  );
  if (held !== undefined) return { host: held.name, on: false };
  return { host: standbyHost(pair)?.name ?? pair.hostNames[1], on: true };
}
