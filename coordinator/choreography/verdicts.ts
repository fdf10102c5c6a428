/** What was found of a pair, as verdicts: one checked statement each, with the remedy where it fails. Pure. */

import type { Verdict } from '../../shared/model/verdict.ts';
import { type HostPicture, holdsVip, type PairFacts, primaryIndex, replicates, serviceOf } from './facts.ts';
import type { VipAnswer } from './through-vip.ts';

/** A row on its way from one host to the other. */
export interface RowAnswer {
  readonly from: string;
  readonly to: string;
  /** Milliseconds until it was there; null when it did not come. */
  readonly arrivedMs: number | null;
  readonly error: string | null;
}

/** Longest wait for a row. */
export const ROW_MS = 5000;

export function judge(facts: PairFacts, vip: VipAnswer, rows: readonly RowAnswer[]): readonly Verdict[] {
  return [
    vipVerdict(facts),
    throughVipVerdict(facts, vip),
    writableVerdict(facts),
    ...facts.hosts.map((picture, index) => channelVerdict(picture, facts.hosts[index === 0 ? 1 : 0])),
    ...rows.map(rowVerdict),
    ...facts.hosts.map(servicesVerdict),
  ];
}

function vipVerdict(facts: PairFacts): Verdict {
  const { pair } = facts;
  const holders = facts.hosts.filter((picture) => holdsVip(picture, pair)).map(({ spec }) => spec.name);
  const subject = 'VIP on exactly one host';
  if (holders.length === 1) return { subject, ok: true, detail: `${pair.vip} is on ${holders[0]}` };
  const detail = `${pair.vip} is on ${holders.length === 0 ? 'no host' : holders.join(' and ')}`;
  return { subject, ok: false, detail, remedy: 'coordinator status shows what the guards say about it.' };
}

function throughVipVerdict({ pair, hosts }: PairFacts, vip: VipAnswer): Verdict {
  const subject = 'Answers through the VIP';
  const remedy = 'Check the network between here and the VIP, and coordinator status.';
  if (!vip.answers) return { subject, ok: false, detail: `${pair.vip}: ${vip.error}`, remedy };
  const name = hosts.find(({ spec }) => spec.ordinal === vip.serverId)?.spec.name ?? `server ${vip.serverId}`;
  if (!vip.writable) return { subject, ok: false, detail: `${name} answers and is read-only`, remedy };
  return {
    subject,
    ok: true,
    detail: `${name} answers over TLS, ${vip.wrote ? 'a row was written and read back' : 'writable'}`,
  };
}

function writableVerdict(facts: PairFacts): Verdict {
  const subject = 'Writable there only';
  const primary = primaryIndex(facts);
  const writable = facts.hosts.filter(
    ({ heartbeat: { database } }) => database.up && database.readOnly === false,
  );
  const names = writable.map(({ spec }) => spec.name);
  if (primary !== null && writable.length === 1 && writable[0] === facts.hosts[primary]) {
    const standby = facts.hosts[primary === 0 ? 1 : 0].spec.name;
    return { subject, ok: true, detail: `${names[0]} is writable, ${standby} is read-only` };
  }
  const detail = names.length === 0 ? 'no server is writable' : `writable: ${names.join(' and ')}`;
  return { subject, ok: false, detail, remedy: 'coordinator status shows what the guards say about it.' };
}

function channelVerdict(picture: HostPicture, peer: HostPicture): Verdict {
  const subject = `Replication ${peer.spec.name} to ${picture.spec.name}`;
  const channel = picture.heartbeat.database.channel;
  if (channel !== null && replicates(picture)) {
    const behind = channel.secondsBehind === null ? '' : `, ${channel.secondsBehind} s behind`;
    return {
      subject,
      ok: true,
      detail: `Slave_IO Yes, Slave_SQL Yes${channel.ssl ? ', over TLS' : ''}${behind}`,
    };
  }
  const remedy = 'coordinator deploy repairs what can be repaired without losing rows.';
  if (channel === null) return { subject, ok: false, detail: 'not configured', remedy };
  const words = channel.ioError || channel.sqlError;
  return {
    subject,
    ok: false,
    detail: `Slave_IO ${channel.ioRunning}, Slave_SQL ${channel.sqlRunning ? 'Yes' : 'No'}${words === '' ? '' : `: ${words}`}`,
    remedy,
  };
}

function rowVerdict({ from, to, arrivedMs, error }: RowAnswer): Verdict {
  const subject = `A row from ${from} to ${to}`;
  if (arrivedMs !== null) return { subject, ok: true, detail: `arrived after ${arrivedMs} ms` };
  return {
    subject,
    ok: false,
    detail: error ?? `did not arrive within ${ROW_MS / 1000} s`,
    remedy: `coordinator logs ${to} shows what its server says.`,
  };
}

function servicesVerdict({ spec, heartbeat }: HostPicture): Verdict {
  const units = ['mariadb.service', 'keepalived.service', 'hotpair-guard.service'];
  const broken = units.flatMap((unit) => {
    const active = serviceOf(heartbeat, unit);
    return active === 'active' ? [] : [`${unit} is ${active}`];
  });
  if (heartbeat.guard === null) broken.push('the guard is silent');
  const subject = `Services on ${spec.name}`;
  if (broken.length === 0) return { subject, ok: true, detail: 'server, keepalived and guard run' };
  return {
    subject,
    ok: false,
    detail: broken.join(', '),
    remedy: `coordinator logs ${spec.name} shows why.`,
  };
}

/** For programs that need only yes or no. */
export function allOk(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ ok }) => ok);
}

/** The name of the host that serves, or null. */
export function primaryName(facts: PairFacts): string | null {
  const index = primaryIndex(facts);
  return index === null ? null : facts.hosts[index].spec.name;
}
