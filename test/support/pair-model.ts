// Two hosts in memory that answer actions as real ones do: enough of files, packages, services, accounts, replication
// and failover for the choreography to be run from end to end, and cut off anywhere.

import { bareFacts } from '../../coordinator/choreography/bare-facts.ts';
import type { AgentPort, AgentPorts } from '../../coordinator/choreography/facts.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { Heartbeat, HostFacts } from '../../shared/model/facts.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { ActionName, ActionParams, ActionResult, Change } from '../../shared/protocol/actions.ts';
import { makeHeartbeat } from './make-heartbeat.ts';

interface Service {
  enabled: boolean;
  running: boolean;
  /** Content of the files that it started with. */
  started: Readonly<Record<string, string | undefined>>;
}

type Channel = NonNullable<Heartbeat['database']['channel']>;
type Found = { readonly changes: Change[]; readonly facts?: unknown; apply?(): void };

export interface PairModel {
  readonly ports: AgentPorts;
  readonly hosts: readonly [ModelHost, ModelHost];
  /** Names of the actions that changed something, as "db1 file-ensure", in order. */
  readonly applied: string[];
  /** After so many applied changes the next answer is lost with the connection; `before`: nothing was done then. */
  cutAfter(changes: number, when?: 'before' | 'after'): void;
  heal(): void;
  /** Everything that a deploy leaves behind, comparable. */
  state(): unknown;
}

class Cut {
  left = Number.POSITIVE_INFINITY;
  when: 'before' | 'after' = 'after';
  broken = false;
}

export class ModelHost {
  readonly spec: HostSpec;
  readonly files = new Map<string, string>();
  readonly packages = new Set<string>();
  readonly services = new Map<string, Service>();
  readonly accounts = new Map<string, string>();
  readonly domains = new Set<number>();
  readonly tokens = new Set<string>();
  channel: { source: string; running: boolean } | null = null;
  userDatabases: string[] = [];
  facts: Partial<HostFacts> = {};
  clockOffsetMs = 0;
  version = '10.11.14-MariaDB';
  /** Content of the server's configuration that it does not start with. */
  poison = '';

  constructor(spec: HostSpec) {
    this.spec = spec;
    this.files.set(HOST_PATHS.databaseKey, `key of ${spec.name}`);
    this.files.set(HOST_PATHS.databaseCert, `certificate of ${spec.name}`);
    this.files.set(HOST_PATHS.trusted, 'authority');
    this.files.set(HOST_PATHS.guardUnit, 'unit');
    this.files.set(HOST_PATHS.bundle, 'bundle');
  }

  get serverUp(): boolean {
    return this.services.get(MARIADB.unit)?.running === true;
  }

  runs(unit: string): boolean {
    return this.services.get(unit)?.running === true;
  }
}

export function makePairModel(pair: PairSpec): PairModel {
  const hosts = [new ModelHost(pair.hosts[0]), new ModelHost(pair.hosts[1])] as const;
  const applied: string[] = [];
  const cut = new Cut();
  const port = (index: 0 | 1): AgentPort => modelPort(hosts, index, applied, cut);
  return {
    hosts,
    applied,
    ports: [port(0), port(1)],
    cutAfter(changes, when = 'after') {
      cut.left = changes;
      cut.when = when;
    },
    heal() {
      cut.left = Number.POSITIVE_INFINITY;
      cut.broken = false;
    },
    state: () => hosts.map(stateOf),
  };
}

function stateOf(host: ModelHost): unknown {
  return {
    files: Object.fromEntries([...host.files].sort()),
    packages: [...host.packages].sort(),
    services: Object.fromEntries([...host.services].sort()),
    accounts: Object.fromEntries([...host.accounts].sort()),
    channel: host.channel,
    domains: [...host.domains].sort(),
  };
}

function modelPort(
  hosts: readonly [ModelHost, ModelHost],
  index: 0 | 1,
  applied: string[],
  cut: Cut,
): AgentPort {
  const host = hosts[index];
  const lost = (): AppError => new AppError('CONNECTION_LOST', `The connection to ${host.spec.name} ended.`);
  const action: AgentPort['action'] = async (name, mode, params) => {
    await Promise.resolve();
    if (cut.broken) throw lost();
    if (name === 'verify-row-read') await someTime(() => cut.broken || hasRow(host, params));
    const result = (outcome: ActionResult['outcome'], changes: Change[], facts: unknown): ActionResult => ({
      ...{ action: name, outcome, changes, facts, durationMs: 0 },
    });
    try {
      const found = look(hosts, index, name, params);
      if (found.changes.length === 0) return result('ok', [], found.facts);
      if (mode === 'plan') return result('planned', found.changes, found.facts);
      const last = --cut.left < 0;
      if (!last || cut.when === 'after') {
        found.apply?.();
        applied.push(`${host.spec.name} ${name}`);
      }
      if (last) {
        cut.broken = true;
        throw lost();
      }
      return result('changed', found.changes, look(hosts, index, name, params).facts);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'CONNECTION_LOST') throw error;
      return { ...result('failed', [], null), error: { code: error.code, message: error.message } };
    }
  };
  const call = async (method: string): Promise<unknown> => {
    await Promise.resolve();
    if (cut.broken) throw lost();
    if (method !== 'heartbeat') throw new Error(`the model does not answer ${method}`);
    return heartbeatOf(hosts, index);
  };
  return { host: host.spec, action, call: call as AgentPort['call'] };
}

function hasRow(host: ModelHost, params: unknown): boolean {
  const { token, timeoutMs } = params as ActionParams<'verify-row-read'>;
  return timeoutMs === 0 || host.tokens.has(token);
}

/** Lets the other host go on, as a wait of real hosts does. */
async function someTime(until: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !until(); turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

/** The guards agree as soon as both run: the first host is primary. */
function serves(hosts: readonly [ModelHost, ModelHost]): boolean {
  return hosts.every(
    (host) => host.runs('hotpair-guard.service') && host.runs('keepalived.service') && host.serverUp,
  );
}

function heartbeatOf(hosts: readonly [ModelHost, ModelHost], index: 0 | 1): Heartbeat {
  const host = hosts[index];
  const serving = serves(hosts);
  const primary = serving && index === 0;
  const up = host.serverUp;
  const base = makeHeartbeat(index === 0 ? 'db1' : 'db2', { primary });
  const channel = base.database.channel;
  const guard = base.guard;
  const position = [...host.domains].map((domain) => `${domain}-${domain - 100}-1`).join(',');
  return {
    ...base,
    database: {
      ...base.database,
      ...{ up, error: up ? null : 'connection refused', gtidBinlogPos: position, gtidSlavePos: '' },
      version: up ? host.version : null,
      channel:
        !up || host.channel === null || channel === null
          ? null
          : { ...channel, ...threadsOf(host, hosts[index === 0 ? 1 : 0]) },
    },
    guard: host.runs('hotpair-guard.service') ? guard : null,
    services: base.services.map((service) => ({
      ...service,
      active: host.runs(service.unit) ? 'active' : 'inactive',
    })),
  };
}

/** A guard that is alone lets its server receive nothing: without the other one there is no record of the pair. */
function threadsOf(host: ModelHost, peer: ModelHost): Pick<Channel, 'ioRunning' | 'sqlRunning'> {
  const running = host.channel?.running === true;
  const guard = 'hotpair-guard.service';
  const alone = host.runs(guard) && !peer.runs(guard);
  return { ioRunning: running ? (alone ? 'Connecting' : 'Yes') : 'No', sqlRunning: running };
}

function look(
  hosts: readonly [ModelHost, ModelHost],
  index: 0 | 1,
  name: ActionName,
  // The runner has typed parameters; the model takes them by name.
  given: unknown,
): Found {
  const host = hosts[index];
  const peer = hosts[index === 0 ? 1 : 0];
  const as = <N extends ActionName>(_name: N): ActionParams<N> => given as ActionParams<N>;
  switch (name) {
    case 'host-read':
      return { changes: [], facts: hostFacts(host) };
    case 'address-probe':
      return {
        changes: [],
        facts: { ...as('address-probe'), answered: false, mac: null, own: false, method: 'neighbour' },
      };
    case 'file-ensure':
      return file(host, as('file-ensure'));
    case 'package-ensure':
      return packages(host, as('package-ensure'));
    case 'service-ensure':
      return service(host, as('service-ensure'));
    case 'sql-ensure':
      return sql(host, as('sql-ensure'));
    case 'replication-ensure':
      return replication(host, as('replication-ensure'));
    case 'verify-row-ensure': {
      needServer(host);
      const { token } = as('verify-row-ensure');
      if (host.tokens.has(token)) return { changes: [] };
      const write = (): void => {
        for (const one of [host, ...(peer.channel?.running === true ? [peer] : [])]) {
          one.tokens.add(token);
          one.domains.add(100 + host.spec.ordinal);
        }
      };
      return { changes: [{ subject: `verify row ${token}`, summary: 'insert' }], apply: write };
    }
    case 'verify-row-read':
      needServer(host);
      return { changes: [], facts: { found: host.tokens.has(as('verify-row-read').token) } };
    default:
      throw new Error(`the model does not know ${name}`);
  }
}

function needServer(host: ModelHost): void {
  if (!host.serverUp) throw new AppError('DATABASE_DOWN', 'The server does not answer.');
}

function hostFacts(host: ModelHost): HostFacts {
  const bare = bareFacts(pairOf(host.spec)).hosts[0].host;
  return {
    ...bare,
    os: { id: 'debian', versionId: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
    addresses: [{ interface: 'eth0', address: host.spec.address, prefix: 24, family: 'inet' }],
    disks: [{ path: '/', freeBytes: 10e9, totalBytes: 20e9 }],
    time: Date.now() + host.clockOffsetMs,
    packages: Object.fromEntries(
      MARIADB.packages.map((name) => [name, host.packages.has(name) ? '1.0' : null]),
    ),
    paths: {
      [HOST_PATHS.serverUnitDropIn]: host.files.has(HOST_PATHS.serverUnitDropIn),
      [MARIADB.dataFolder]: host.packages.has('mariadb-server'),
    },
    userDatabases: host.serverUp || host.userDatabases.length > 0 ? host.userDatabases : null,
    ...host.facts,
  };
}

function pairOf(spec: HostSpec): PairSpec {
  return {
    ...{ name: 'x', vip: '10.88.0.10', vipPrefix: 24, hosts: [spec, spec] },
    database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
    protection: 'availability',
    fence: 'nftables',
    guardPort: 7434,
    vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
  };
}

function file(host: ModelHost, params: ActionParams<'file-ensure'>): Found {
  const owner = params.owner ?? 'root';
  if (owner === 'mysql' && !host.packages.has('mariadb-server'))
    throw new AppError('NOT_FOUND', 'There is no user mysql on the host.');
  const content = params.content ?? host.files.get(params.copyOf ?? '');
  if (content === undefined) throw new AppError('NOT_FOUND', `There is no file ${params.copyOf} to copy.`);
  const before = host.files.get(params.path);
  if (before === content) return { changes: [] };
  return {
    changes: [
      {
        subject: params.path,
        summary: before === undefined ? 'create' : 'change content',
        ...(params.secret === true ? { diff: '[secret content differs]' } : {}),
      },
    ],
    apply: () => void host.files.set(params.path, content),
  };
}

function packages(host: ModelHost, { packages: names }: ActionParams<'package-ensure'>): Found {
  const missing = names.filter((name) => !host.packages.has(name));
  return {
    changes: missing.map((name) => ({ subject: `package ${name}`, summary: 'install' })),
    apply() {
      for (const name of missing) {
        host.packages.add(name);
        if (name === 'mariadb-server')
          host.services.set('mariadb.service', { enabled: true, running: false, started: {} });
        if (name === 'keepalived')
          host.services.set('keepalived.service', { enabled: true, running: false, started: {} });
      }
    },
  };
}

function service(host: ModelHost, params: ActionParams<'service-ensure'>): Found {
  const now = host.services.get(params.unit) ?? { enabled: false, running: false, started: {} };
  const paths = [...(params.restartIfOlderThan ?? []), ...(params.reloadIfOlderThan ?? [])];
  const files = Object.fromEntries(paths.map((path) => [path, host.files.get(path)]));
  const changes: Change[] = [];
  const add = (summary: string): void => void changes.push({ subject: params.unit, summary });
  if (params.enabled !== undefined && params.enabled !== now.enabled)
    add(params.enabled ? 'enable' : 'disable');
  if (params.running === true && !now.running) add('start');
  else if (now.running && paths.some((path) => now.started[path] !== files[path])) add('restart');
  const apply = (): void => {
    if (host.poison !== '' && host.files.get(HOST_PATHS.serverDropIn)?.includes(host.poison) === true)
      throw new AppError('SERVER_START_FAILED', `${params.unit} did not start.`);
    const running = params.running ?? now.running;
    host.services.set(params.unit, { enabled: params.enabled ?? now.enabled, running, started: files });
  };
  const facts = { unit: params.unit, active: now.running ? 'active' : 'inactive' };
  return { changes, facts, apply };
}

function sql(host: ModelHost, params: ActionParams<'sql-ensure'>): Found {
  needServer(host);
  const subject =
    params.kind === 'user'
      ? `account ${params.user}@${params.host}`
      : params.kind === 'database'
        ? `database ${params.database}`
        : `schema ${params.kind}`;
  const wanted = JSON.stringify(params);
  if (host.accounts.get(subject) === wanted) return { changes: [] };
  return {
    changes: [{ subject, summary: 'create' }],
    apply: () => void host.accounts.set(subject, wanted),
  };
}

function replication(host: ModelHost, params: ActionParams<'replication-ensure'>): Found {
  needServer(host);
  const subject = `replication from ${params.source.host}`;
  const changes: Change[] = [];
  if (host.channel === null) changes.push({ subject, summary: 'configure' });
  const before = host.channel?.running ?? false;
  const running = params.running ?? before;
  if (running !== before) changes.push({ subject, summary: running ? 'start' : 'stop' });
  return {
    changes,
    apply: () => {
      host.channel = { source: params.source.host, running };
    },
  };
}
