/** A pair under load, whoever set it up, and what it means for such a pair to be whole. */

import { waitFor } from '../../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab.ts';
import type { FinalRow } from './check.ts';
import { type LoadTable, readRowsOf, sql, vertical } from './tables.ts';

export interface Account {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface PairUnderTest {
  readonly name: 'hotpair' | 'baseline';
  /** server_id 1 and 2. */
  readonly hosts: readonly [LabHost, LabHost];
  readonly vip: string;
  readonly account: Account;
  /** One writer at a time is part of this pair's promise: the host without the VIP is read-only. */
  readonly readOnlyStandby: boolean;
  /** Where markers are written, to see that rows arrive. */
  readonly markerTable: string;
  /** What an administrator does by hand when the pair does not get whole by itself. */
  repair(): Promise<void>;
}

/** What is wrong with the pair now; empty when it is whole. */
export async function pairProblems(pair: PairUnderTest): Promise<string[]> {
  const states = await Promise.all(pair.hosts.map((host) => hostState(host, pair.vip)));
  const problems = states.flatMap((state) => state.problems);
  const holders = states.filter(({ hasVip }) => hasVip);
  if (holders.length !== 1) problems.push(`${holders.length} hosts have the VIP`);
  if (pair.readOnlyStandby) problems.push(...roleProblems(states));
  // A channel can say Yes over a connection that is long dead: only an arriving row proves it.
  return problems.length > 0
    ? problems
    : await arrivalProblems(
        pair,
        holders.map(({ name }) => name),
      );
}

function roleProblems(states: readonly HostState[]): string[] {
  const problems: string[] = [];
  for (const { name, hasVip, readOnly, semiSyncClients } of states) {
    if (hasVip === readOnly) problems.push(`${name} is ${readOnly ? 'read-only' : 'writable'}`);
    if (hasVip && semiSyncClients < 1) problems.push(`${name} has no semi-synchronous standby`);
  }
  return problems;
}

let marker = Date.now();

/** Writes a marker on each host that may write, and waits for it on the other. */
async function arrivalProblems(pair: PairUnderTest, holders: readonly string[]): Promise<string[]> {
  const writers = pair.hosts.filter(({ name }) => !pair.readOnlyStandby || holders.includes(name));
  const problems: string[] = [];
  for (const writer of writers) {
    const n = ++marker;
    const replica = otherHost(pair, writer);
    await sql(writer, `REPLACE INTO ${pair.markerTable} VALUES (@@server_id, ${n});`);
    const arrived = async () => {
      const rows = await sql(replica, `SELECT 1 FROM ${pair.markerTable} WHERE n = ${n};`);
      return rows.length === 1 || undefined;
    };
    await waitFor('a marker', arrived, { deadlineMs: arrivalMs, intervalMs: 20 }).catch(() => {
      problems.push(`rows of ${writer.name} do not arrive on ${replica.name}`);
    });
  }
  return problems;
}

const arrivalMs = 1000;

/** Makes the table of the markers through the pair's primary. */
export async function createMarkerTable(primary: LabHost, markerTable: string): Promise<void> {
  const columns = 'server_id INT PRIMARY KEY, n BIGINT NOT NULL';
  await sql(primary, `CREATE TABLE IF NOT EXISTS ${markerTable} (${columns}) ENGINE=InnoDB;`);
}

interface HostState {
  readonly name: string;
  readonly hasVip: boolean;
  readonly readOnly: boolean;
  readonly semiSyncClients: number;
  readonly problems: string[];
}

async function hostState(host: LabHost, vip: string): Promise<HostState> {
  const unknown = { name: host.name, hasVip: false, readOnly: true, semiSyncClients: 0 };
  if (!host.running) return { ...unknown, problems: [`${host.name} is off`] };
  const { stdout: address } = await host.exec(['ip', '-o', 'addr', 'show', 'to', vip]);
  const hasVip = address.includes(` ${vip}/`);
  try {
    const state = await vertical(host, STATUS, 5000);
    const stopped = ['IO', 'SQL'].filter((thread) => state.get(`Slave_${thread}_Running`) !== 'Yes');
    const words = (thread: string): string => state.get(`Last_${thread}_Error`) || 'no error told';
    return {
      name: host.name,
      hasVip,
      readOnly: state.get('read_only') === '1',
      semiSyncClients: Number(state.get('clients')),
      problems: stopped.map((thread) => `Slave_${thread} is not Yes on ${host.name} (${words(thread)})`),
    };
  } catch {
    return { ...unknown, hasVip, problems: [`the server on ${host.name} does not answer`] };
  }
}

const STATUS = `SELECT @@read_only AS read_only, (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS
  WHERE VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_CLIENTS') AS clients;
SHOW SLAVE STATUS;
`;

/** Waits until the pair is whole; throws with what is still wrong. */
export async function waitUntilWhole(pair: PairUnderTest, deadlineMs: number): Promise<void> {
  let problems: string[] = [];
  const probe = async (): Promise<true | undefined> => {
    problems = await pairProblems(pair);
    return problems.length === 0 || undefined;
  };
  await waitFor(`the ${pair.name} pair`, probe, { deadlineMs, intervalMs: 100 }).catch((error: unknown) => {
    throw new Error(`the ${pair.name} pair is not whole: ${problems.join('; ')}`, { cause: error });
  });
}

export async function holderOf(pair: PairUnderTest): Promise<LabHost> {
  for (const host of pair.hosts) {
    if (!host.running) continue;
    const { stdout } = await host.exec(['ip', '-o', 'addr', 'show', 'to', pair.vip]);
    if (stdout.includes(` ${pair.vip}/`)) return host;
  }
  throw new Error(`no host of the ${pair.name} pair has the VIP`);
}

export function otherHost(pair: PairUnderTest, host: LabHost): LabHost {
  return pair.hosts[0] === host ? pair.hosts[1] : pair.hosts[0];
}

/** Both nodes' rows once the replicas have nothing left to apply; what they are at the deadline otherwise. */
export async function settledRows(
  pair: PairUnderTest,
  table: LoadTable,
): Promise<Map<string, readonly FinalRow[]>> {
  let rows = await readRowsOf(pair.hosts, table);
  const equal = async () => {
    const [a, b] = [...rows.values()];
    if (JSON.stringify(a) === JSON.stringify(b)) return true;
    rows = await readRowsOf(pair.hosts, table);
    return undefined;
  };
  await waitFor('equal rows', equal, { deadlineMs: 10_000, intervalMs: 200 }).catch(() => undefined);
  return rows;
}
