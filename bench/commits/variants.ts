/**
 * The ways in which the commits bench runs one pair, each one step from the one before it, and what must be true of the
 * hosts so that a figure may be called by its name. Pure.
 */

export const variantNames = ['guarded', 'unguarded', 'system-relay', 'asynchronous'] as const;
export type VariantName = (typeof variantNames)[number];

/** Where the hosts' disks are: folders of the machine's own file system, or memory. */
export const commitsDisks = ['folder', 'memory'] as const;
export type CommitsDisk = (typeof commitsDisks)[number];

export interface Variant {
  readonly title: string;
  readonly guards: boolean;
  readonly semiSync: boolean;
  /** sync_relay_log of the standby. */
  readonly relaySync: '1' | '10000';
}

export const variants: Readonly<Record<VariantName, Variant>> = {
  guarded: { title: 'deployed: semi-sync, synced relay log, guards', ...as(true, true, '1') },
  unguarded: { title: 'the same without guards and fence', ...as(false, true, '1') },
  'system-relay': { title: "and the relay log synced by the server's default", ...as(false, true, '10000') },
  asynchronous: { title: 'and without semi-sync', ...as(false, false, '10000') },
};

function as(guards: boolean, semiSync: boolean, relaySync: Variant['relaySync']): Omit<Variant, 'title'> {
  return { guards, semiSync, relaySync };
}

/** What the step from a variant to the next one takes away: its price. */
export const steps = [
  { what: 'the guards', dear: 'guarded', cheap: 'unguarded' },
  { what: 'syncing the relay log', dear: 'unguarded', cheap: 'system-relay' },
  { what: 'semi-sync', dear: 'system-relay', cheap: 'asynchronous' },
  { what: 'all of it', dear: 'guarded', cheap: 'asynchronous' },
] as const satisfies readonly { what: string; dear: VariantName; cheap: VariantName }[];

export interface HostReading {
  readonly name: string;
  readonly guardRuns: boolean;
  /** There is a table of the fence in the kernel. */
  readonly fenced: boolean;
  readonly variables: ReadonlyMap<string, string>;
  /** Semi-sync as a primary: whether commits wait, for how many standbys, and how many were confirmed so far. */
  readonly waits: boolean;
  readonly clients: number;
  readonly confirmed: number;
  /** Both threads of its replication run. */
  readonly replicates: boolean;
}

export interface PairReading {
  readonly primary: HostReading;
  readonly standby: HostReading;
}

/** Why the pair is not what the variant says; empty: it is. `deployed` is how the guards have set the servers. */
export function variantProblems(name: VariantName, now: PairReading, deployed: PairReading): string[] {
  const { guards, semiSync } = variants[name];
  const { primary, standby } = now;
  return [
    ...[primary, standby].flatMap((host) => guardProblems(host, guards)),
    ...[primary, standby].flatMap((host) => (host.replicates ? [] : [`${host.name} does not replicate`])),
    ...(primary.waits === semiSync ? [] : [`commits ${primary.waits ? 'wait' : 'do not wait'}`]),
    ...(primary.clients === 1 ? [] : [`${primary.clients} standbys confirm`]),
    ...variableProblems(primary, deployed.primary, primaryChanges(name)),
    ...variableProblems(standby, deployed.standby, standbyChanges(name)),
  ];
}

/** What a pair in this variant must have confirmed, and must not have, while `commits` were acknowledged. */
export function confirmationProblems(
  name: VariantName,
  commits: number,
  before: PairReading,
  after: PairReading,
): string[] {
  const confirmed = after.primary.confirmed - before.primary.confirmed;
  if (!variants[name].semiSync)
    return confirmed === 0 ? [] : [`the standby confirmed ${confirmed} commits, and nothing was to wait`];
  return confirmed >= commits ? [] : [`the standby confirmed ${confirmed} of ${commits} commits`];
}

type Changes = ReadonlyMap<string, string>;

/** As the guards set a primary in SYNC. */
const primaryNeeds = {
  read_only: 'OFF',
  rpl_semi_sync_master_timeout: '18446744073709551615',
  rpl_semi_sync_master_wait_no_slave: 'ON',
  rpl_semi_sync_master_wait_point: 'AFTER_SYNC',
  sync_binlog: '1',
  innodb_flush_log_at_trx_commit: '1',
} as const;

function primaryChanges(name: VariantName): Changes {
  const enabled = variants[name].semiSync ? 'ON' : 'OFF';
  return new Map(Object.entries({ ...primaryNeeds, rpl_semi_sync_master_enabled: enabled }));
}

function standbyChanges(name: VariantName): Changes {
  const flushed = { sync_binlog: '1', innodb_flush_log_at_trx_commit: '1' };
  return new Map(Object.entries({ ...flushed, read_only: 'ON', sync_relay_log: variants[name].relaySync }));
}

/** Positions go on by themselves. */
const moving = /^gtid_(binlog_pos|binlog_state|current_pos|slave_pos)$/;

/** Named variables must be as named, all others as the deployed pair has them. */
function variableProblems(now: HostReading, deployed: HostReading, named: Changes): string[] {
  const names = new Set([...now.variables.keys(), ...deployed.variables.keys()]);
  return [...names].flatMap((name) => {
    const expected = named.get(name) ?? deployed.variables.get(name);
    const found = now.variables.get(name);
    return moving.test(name) || found === expected
      ? []
      : [`${name} of ${now.name} is ${found}, not ${expected}`];
  });
}

function guardProblems({ name, guardRuns, fenced }: HostReading, guards: boolean): string[] {
  return [
    ...(guardRuns === guards ? [] : [`the guard of ${name} ${guardRuns ? 'runs' : 'does not run'}`]),
    ...(fenced === guards ? [] : [`${name} ${fenced ? 'has a fence' : 'has no fence'}`]),
  ];
}
