/** A spec in plain words, for `coordinator check`. Pure. */

import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { ReportTarget } from '../../shared/model/reports-file.ts';
import { duration } from '../report/units.ts';
import { alignColumns } from './output.ts';

/** Lines without colours; a blank line after each part. */
export function describeSpec(spec: HotpairSpec): string[] {
  return [
    ...spec.pairs.flatMap(describePair),
    ...describeReports(spec),
    ...describeAlerts(spec),
    ...describeCoordinator(spec),
  ];
}

function describePair(pair: PairSpec): string[] {
  const { vrrp, database } = pair;
  const hosts = pair.hosts.map((host) => [
    `  ${host.name}`,
    host.address,
    `VIP on ${host.interface}`,
    `server_id ${host.ordinal}`,
    `ssh ${host.ssh}`,
  ]);
  return [
    `Pair ${pair.name}: clients connect to ${pair.vip} port ${database.port}`,
    ...alignColumns(hosts),
    '  Both hosts get MariaDB and keepalived, replicate both ways by GTID over TLS, and one of them holds the VIP.',
    `  VRRP router ${vrrp.virtualRouterId}, an advertisement every ${vrrp.advertIntervalMs} ms.`,
    ...describeApplication(pair),
    ...describeSettings(pair),
    '',
  ];
}

function describeApplication({ database: { application } }: PairSpec): string[] {
  if (application === null) return [];
  const { database, user, from, passwordFile } = application;
  const password = passwordFile === null ? 'a generated password' : `the password in ${passwordFile}`;
  return [`  Database ${database} is created, with account '${user}'@'${from}' and ${password}.`];
}

function describeSettings({ database: { settings } }: PairSpec): string[] {
  const entries = Object.entries(settings);
  if (entries.length === 0) return [];
  return ['  Your server settings:', ...entries.map(([name, value]) => `    ${name} = ${value}`)];
}

function describeReports({ reports }: HotpairSpec): string[] {
  if (reports === null) return ['Reports: none by schedule; coordinator report makes one at any time.', ''];
  const lines = reports.schedules.map(({ name, cron, periodMs, language, to }) => {
    const targets = ['the reports folder', ...to.map(describeTarget)].join(', ');
    const about = periodMs === null ? '' : `, of the last ${duration(periodMs / 1000)}`;
    const chinese = language === 'zh' ? ', in Chinese' : '';
    return `${name === null ? 'Reports' : `Report ${name}`}: at "${cron}" in ${reports.timezone}${about}${chinese}, to ${targets}.`;
  });
  return [...lines, ''];
}

function describeAlerts({ alerts }: HotpairSpec): string[] {
  if (alerts === undefined) return ['Alerts: nobody is told; alerts.receivers names who is.', ''];
  const receivers = alerts.receivers.map(({ name, format, severity, afterMs }) => {
    const only = severity === 'critical' ? ', what is critical' : '';
    return `${name} (${format}${only}${afterMs > 0 ? `, after ${duration(afterMs / 1000)}` : ''})`;
  });
  return [`Alerts: to ${receivers.join(', ')}. coordinator alert test tries them.`, ''];
}

/** Only the origin of a webhook: the rest of its address is often a secret. */
function describeTarget(target: ReportTarget): string {
  if ('email' in target) return target.email;
  return 'folder' in target ? target.folder : `a webhook at ${new URL(target.webhook).origin}`;
}

function describeCoordinator({ coordinator: { listen, data, agentPort } }: HotpairSpec): string[] {
  const address = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return [
    `Coordinator: keys, secrets and events in ${data}; the daemon listens on ${address}:${listen.port}; agents on port ${agentPort}.`,
  ];
}
