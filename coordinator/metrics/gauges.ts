/** What the metrics say of a pair now: each a row with its help and how it is read. docs/metrics.md is generated from it. Pure. */

import type { HostView, PairDetail } from '../../shared/api/pair-view.ts';

/** Label values in the order of the row's labels, and the value. */
export type Reading = readonly [labels: readonly string[], value: number];

export interface GaugeRow {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** What is not known gives no reading. */
  readonly read: (pair: PairDetail) => readonly Reading[];
}

type Value = number | boolean | null | undefined;

/** One value of the pair. */
const ofPair = (name: string, help: string, value: (pair: PairDetail) => Value): GaugeRow => ({
  ...{ name, help, labels: ['pair'] },
  read: (pair) => readings([[[pair.name], value(pair)]]),
});

/** One value of each host. */
const ofHost = (
  name: string,
  help: string,
  value: (host: HostView, pair: PairDetail) => Value,
): GaugeRow => ({
  ...{ name, help, labels: ['pair', 'host'] },
  read: (pair) => readings(pair.hosts.map((host) => [[pair.name, host.name], value(host, pair)])),
});

function readings(values: readonly (readonly [readonly string[], Value])[]): Reading[] {
  return values.flatMap(([labels, value]) => (value == null ? [] : [[labels, Number(value)]]));
}

const GRADES: readonly PairDetail['grade'][] = ['healthy', 'attention', 'critical', 'undeployed'];
const ROLES = ['primary', 'standby', 'promoting', 'demoting', 'down', 'maintenance', 'unknown'] as const;
const SEVERITIES = ['warning', 'critical'] as const;

export const GAUGES: readonly GaugeRow[] = [
  {
    ...{ name: 'hotpair_pair_grade', labels: ['pair', 'grade'] },
    help: '1 for the grade of the pair, 0 for the others.',
    read: ({ name, grade }) => GRADES.map((one) => [[name, one], Number(one === grade)]),
  },
  {
    ...{ name: 'hotpair_pair_findings', labels: ['pair', 'severity'] },
    help: 'How many things need attention.',
    read: ({ name, attention }) =>
      SEVERITIES.map((one) => [[name, one], attention.filter(({ severity }) => severity === one).length]),
  },
  ofPair('hotpair_pair_served', '1 while one host has the VIP and accepts writes.', isServed),
  ofPair(
    'hotpair_pair_sync',
    '1 in SYNC, 0 in SOLO (the primary alone has what is committed).',
    ({ mode }) => (mode === null ? null : mode === 'sync'),
  ),
  ofPair('hotpair_pair_epoch', 'Epoch of the newest record.', ({ epoch }) => epoch),
  ofPair('hotpair_pair_vip_duplicated', '1 while both hosts have the VIP.', (pair) => pair.vipDuplicated),
  ofPair('hotpair_pair_two_writers', '1 while both servers accept writes.', (pair) => pair.twoWriters),
  ofPair(
    'hotpair_replication_gtid_gap',
    'Transactions that the standby has not yet.',
    (pair) => pair.gtidGap,
  ),
  ofPair('hotpair_last_drill_timestamp_seconds', 'When the last drill ended.', ({ lastDrill }) =>
    lastDrill === null ? null : lastDrill / 1000,
  ),
  {
    ...{ name: 'hotpair_vote_weight', labels: ['pair', 'voter'] },
    help: 'Votes of each host and of the witness, by the newest record.',
    read: ({ name, votes }) => readings(votes.map(({ voter, weight }) => [[name, voter], weight])),
  },
  {
    ...{ name: 'hotpair_guard_link_up', labels: ['pair', 'from', 'to'] },
    help: '1 where the guard of one host hears the other one, or the witness.',
    read: ({ name, links }) => readings(links.map(({ from, to, up }) => [[name, from, to], up])),
  },
  {
    ...{ name: 'hotpair_host_role', labels: ['pair', 'host', 'role'] },
    help: "1 for the role of the host by its guard's word, 0 for the others.",
    read: ({ name, hosts }) =>
      hosts.flatMap((host) => {
        const is = ROLES.find((role) => role === host.guard?.role) ?? 'unknown';
        return ROLES.map((role): Reading => [[name, host.name, role], Number(role === is)]);
      }),
  },
  ofHost('hotpair_vip_holder', '1 where the VIP is.', ({ hasVip }) => hasVip),
  ofHost('hotpair_agent_up', '1 while heartbeats of the agent come.', ({ reachable }) => reachable),
  ofHost('hotpair_heartbeat_age_seconds', 'Age of the newest heartbeat.', ({ heardMsAgo }) =>
    seconds(heardMsAgo),
  ),
  ofHost(
    'hotpair_guard_up',
    '1 while the guard runs and speaks.',
    ({ guardProcess }) => guardProcess === 'up',
  ),
  ofHost('hotpair_keepalived_up', '1 while keepalived runs.', ({ keepalived }) => keepalived === 'up'),
  ofHost('hotpair_server_up', '1 while the database server answers.', ({ server }) => server === 'up'),
  ofHost(
    'hotpair_server_writable',
    '1 while the database server accepts writes.',
    ({ writable }) => writable,
  ),
  ofHost('hotpair_lease_margin_seconds', 'What is left of the lease of the host.', ({ guard }) =>
    seconds(guard?.leaseMarginMs ?? null),
  ),
  ofHost(
    'hotpair_standby_promotable',
    '1 where a takeover would lose nothing.',
    ({ guard }) => guard?.promotable,
  ),
  ofHost(
    'hotpair_replication_up',
    '1 while both replication threads of the host run.',
    ({ replication: { condition, ioRunning } }) => (ioRunning === null ? null : condition !== 'broken'),
  ),
  ofHost(
    'hotpair_replication_lag_seconds',
    'By the server itself.',
    ({ replication }) => replication.lagSeconds,
  ),
  ofHost('hotpair_server_connections', 'Open connections.', ({ connections }) => connections),
  ofHost('hotpair_server_commits_per_second', 'Over the last second or so.', (host) => host.commitsPerSecond),
  ofHost('hotpair_host_load1', 'Load average of a minute.', ({ load1 }) => load1),
  ofHost('hotpair_host_memory_free_bytes', 'Free memory.', ({ memoryFreeBytes }) => memoryFreeBytes),
  ofHost(
    'hotpair_host_disk_free_bytes',
    'Free space where the data are.',
    ({ diskFreeBytes }) => diskFreeBytes,
  ),
  ofHost(
    'hotpair_host_disk_size_bytes',
    'Size of the disk where the data are.',
    (host) => host.diskTotalBytes,
  ),
  ofHost(
    'hotpair_config_drift_files',
    'Files that are not as they were deployed.',
    ({ drift }) => drift.length,
  ),
  {
    ...{ name: 'hotpair_certificate_expiry_timestamp_seconds', labels: ['pair', 'host', 'certificate'] },
    help: 'When a certificate of the host ends.',
    read: ({ name, hosts }) =>
      hosts.flatMap((host) =>
        Object.entries(host.certificates).map(([certificate, end]): Reading => {
          return [[name, host.name, certificate], end / 1000];
        }),
      ),
  },
];

function isServed(pair: PairDetail): boolean {
  const holder = pair.hosts.find(({ name }) => name === pair.vipHolder);
  return holder?.hasVip === true && holder.writable === true && !pair.vipDuplicated;
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
