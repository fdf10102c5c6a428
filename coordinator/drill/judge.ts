/** What a drill measured, and what is said about it: pure. */

import type { Address } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { Verdict } from '../../shared/model/verdict.ts';
import { milliseconds } from '../report/units.ts';
import type { Acknowledged } from './vip-writer.ts';

/** Addresses of each host, by name. */
export type AddressPicture = Readonly<Record<string, readonly Address[]>>;

export interface DrillMeasures {
  readonly pair: PairSpec;
  /** The host whose server was stopped. */
  readonly primary: string;
  readonly standby: string;
  readonly acknowledged: readonly Acknowledged[];
  readonly before: AddressPicture;
  /** Right after the standby had answered. */
  readonly after: AddressPicture;
  /** When everything had settled. */
  readonly end: AddressPicture;
  /** Time from the stop of the server until its unit was down. */
  readonly stopMs: number;
  /** Time from its release until the server answered again. */
  readonly serverBackMs: number;
  /** Time from its release until both replicate, without lag. */
  readonly healthyMs: number;
  /** How many of the acknowledged rows each host lacks, by name. */
  readonly missing: Readonly<Record<string, number>>;
}

export interface Outage {
  /** Longest time between two acknowledged rows around the change of the server, ms. */
  readonly outageMs: number;
  readonly lastOnPrimary: Acknowledged;
  readonly firstOnStandby: Acknowledged;
}

/** Null when the other server never acknowledged a row. */
export function outageOf(acknowledged: readonly Acknowledged[], primaryId: number): Outage | null {
  const index = acknowledged.findIndex((row) => row.serverId !== primaryId);
  const [lastOnPrimary, firstOnStandby] = [acknowledged[index - 1], acknowledged[index]];
  if (index < 1 || lastOnPrimary === undefined || firstOnStandby === undefined) return null;
  return { outageMs: firstOnStandby.at - lastOnPrimary.at, lastOnPrimary, firstOnStandby };
}

/** How many of the acknowledged rows are not among those that a host has. */
export function missingRows(acknowledged: readonly Acknowledged[], found: ReadonlySet<number>): number {
  return acknowledged.filter(({ row }) => !found.has(row)).length;
}

export function holdersIn(picture: AddressPicture, vip: string): string[] {
  return Object.entries(picture)
    .filter(([, addresses]) => addresses.some((one) => one.address === vip))
    .map(([host]) => host);
}

export function judgeDrill(measures: DrillMeasures): Verdict[] {
  const { pair, standby, acknowledged, missing } = measures;
  const primaryId = pair.hosts.find((host) => host.name === measures.primary)?.ordinal ?? 0;
  const outage = outageOf(acknowledged, primaryId);
  const lost = Object.entries(missing).filter(([, count]) => count > 0);
  return [
    {
      subject: 'The VIP answers on the other host',
      ...(outage === null
        ? {
            ok: false,
            detail: `no row was acknowledged by ${standby}`,
            remedy: `coordinator logs ${standby} shows what its guard waited for.`,
          }
        : {
            ok: true,
            detail: `${standby} took a row ${milliseconds(outage.outageMs)} after the last one on ${measures.primary}`,
          }),
    },
    onlyOn('The VIP moved', measures.after, pair.vip, standby),
    {
      subject: 'No acknowledged row is lost',
      ok: lost.length === 0,
      detail:
        lost.length === 0
          ? `${acknowledged.length} rows acknowledged, all on both hosts`
          : lost.map(([host, count]) => `${host} lacks ${count} of ${acknowledged.length}`).join(', '),
      ...(lost.length === 0 ? {} : { remedy: 'Compare both servers before the roles change again.' }),
    },
    onlyOn('The VIP did not come back', measures.end, pair.vip, standby),
    {
      subject: 'The pair is healthy again',
      ok: true,
      detail: `${milliseconds(measures.healthyMs)} after the server was let go: both replicate, without lag`,
    },
  ];
}

function onlyOn(subject: string, picture: AddressPicture, vip: string, wanted: string): Verdict {
  const holders = holdersIn(picture, vip);
  const detail = `${vip} is on ${holders.length === 0 ? 'no host' : holders.join(' and ')}`;
  if (holders.length === 1 && holders[0] === wanted) return { subject, ok: true, detail };
  return {
    subject,
    ok: false,
    detail: `${detail}, expected is ${wanted}`,
    remedy: 'coordinator status and coordinator logs show what the guards say.',
  };
}

/** `db1  eth0 10.88.0.11/24, 10.88.0.10/24`: what `ip addr` shows, without loopback. */
export function addressWords(addresses: readonly Address[]): string {
  const byInterface = new Map<string, string[]>();
  for (const one of addresses) {
    if (one.interface === 'lo' || one.family === 'inet6') continue;
    byInterface.set(one.interface, [
      ...(byInterface.get(one.interface) ?? []),
      `${one.address}/${one.prefix}`,
    ]);
  }
  return [...byInterface].map(([name, list]) => `${name} ${list.join(', ')}`).join('; ');
}
