/** The file as written, with every default filled in. Pure. */

import { resolve } from 'node:path';
import type { HotpairFile } from '../../shared/model/hotpair-file.ts';
import { parseOutageBudget } from '../../shared/model/outage-budget.ts';
import type { ApplicationSpec, HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { DEFAULT_AGENT_PORT } from '../../shared/model/paths.ts';
import { keepMs, STORE_DEFAULTS, type StoreSpec } from '../../shared/model/store-file.ts';
import { normalizeAlerts } from './normalize-alerts.ts';
import { normalizeReports } from './normalize-reports.ts';
import { canonicalSetting } from './reserved-settings.ts';

type PairFile = HotpairFile['pairs'][string];
type HostFile = PairFile['hosts'][string];
type ApplicationFile = NonNullable<NonNullable<PairFile['database']>['application']>;

/** `file` has been validated; `folder` is what its relative paths count from. */
export function normalize(file: HotpairFile, folder: string): HotpairSpec {
  const { reports, alerts, coordinator = {}, store = {} } = file;
  const agentPort = coordinator.agent_port ?? DEFAULT_AGENT_PORT;
  return {
    pairs: Object.entries(file.pairs).map(([name, pair]) => normalizePair(name, pair, folder, agentPort + 1)),
    reports: reports === undefined ? null : normalizeReports(reports, folder),
    store: normalizeStore(store),
    ...(alerts === undefined ? {} : { alerts: normalizeAlerts(alerts, folder) }),
    coordinator: {
      listen: parseListen(coordinator.listen ?? '127.0.0.1:8080'),
      data: resolve(folder, coordinator.data ?? '/var/lib/hotpair'),
      agentPort,
      sshConfig: coordinator.ssh_config === undefined ? null : resolve(folder, coordinator.ssh_config),
      smtp: normalizeSmtp(coordinator.smtp, folder),
      tls:
        coordinator.tls === undefined
          ? null
          : { cert: resolve(folder, coordinator.tls.cert), key: resolve(folder, coordinator.tls.key) },
    },
  };
}

function normalizeStore({ events, decisions, samples = {} }: NonNullable<HotpairFile['store']>): StoreSpec {
  const { fineMs, minuteMs, tenMinutesMs } = STORE_DEFAULTS.samples;
  const { fine, minutes, ten_minutes: tens } = samples;
  return {
    events: events ?? STORE_DEFAULTS.events,
    decisions: decisions ?? STORE_DEFAULTS.decisions,
    samples: {
      fineMs: fine === undefined ? fineMs : keepMs(fine),
      minuteMs: minutes === undefined ? minuteMs : keepMs(minutes),
      tenMinutesMs: tens === undefined ? tenMinutesMs : keepMs(tens),
    },
  };
}

function normalizePair(name: string, pair: PairFile, folder: string, guardPort: number): PairSpec {
  const [vip = '', prefix = ''] = pair.vip.split('/');
  const [first, second] = Object.entries(pair.hosts);
  if (first === undefined || second === undefined) throw new TypeError(`pair ${name} was not validated`);
  return {
    name,
    vip,
    vipPrefix: Number(prefix),
    hosts: [normalizeHost(first, 1), normalizeHost(second, 2)],
    database: {
      flavor: pair.database?.flavor ?? 'mariadb',
      port: pair.database?.port ?? 3306,
      settings: Object.fromEntries(
        Object.entries(pair.database?.settings ?? {}).map(([key, value]) => [
          canonicalSetting(key),
          settingText(value),
        ]),
      ),
      application: normalizeApplication(pair.database?.application, folder),
    },
    protection: pair.protection ?? 'availability',
    fence: pair.fence ?? 'nftables',
    ...(pair.outage_budget === undefined ? {} : { outageBudget: parseOutageBudget(pair.outage_budget) }),
    guardPort,
    vrrp: {
      virtualRouterId: pair.vrrp?.virtual_router_id ?? 51,
      advertIntervalMs: parseIntervalMs(pair.vrrp?.advert_interval ?? '50ms'),
    },
  };
}

function normalizeHost([name, host]: [string, HostFile], ordinal: 1 | 2): HostSpec {
  const { address } = host;
  return { name, address, interface: host.interface, ssh: host.ssh ?? `root@${address}`, ordinal };
}

function normalizeApplication(
  application: ApplicationFile | undefined,
  folder: string,
): ApplicationSpec | null {
  if (application === undefined) return null;
  const { database, user, password_file: file, from = '%' } = application;
  return { database, user, from, passwordFile: file === undefined ? null : resolve(folder, file) };
}

function normalizeSmtp(
  smtp: HotpairSpec['coordinator']['smtp'] | undefined,
  folder: string,
): HotpairSpec['coordinator']['smtp'] {
  if (smtp === undefined || smtp === null) return null;
  return smtp.password_file === undefined
    ? smtp
    : { ...smtp, password_file: resolve(folder, smtp.password_file) };
}

/** A server's option file knows no booleans of YAML: ON and OFF are its words. */
function settingText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  return String(value);
}

/** `50ms`, `1s` to milliseconds; NaN for anything else. */
export function parseIntervalMs(text: string): number {
  const match = /^([0-9]+)(ms|s)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

/** `host:port`, an IPv6 host in brackets; the port is NaN when there is none. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):([0-9]{1,5})$/.exec(text);
  return match === null
    ? { host: '', port: Number.NaN }
    : { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}
