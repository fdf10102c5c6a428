/** Reads of both hosts what the commits bench has to know of them. */

import type { LabHost } from '../../test/lab/lab.ts';
import { sql, vertical } from '../../test/lab/load/tables.ts';
import type { HostReading, PairReading } from './variants.ts';

export const GUARD = 'hotpair-guard.service';

const COUNTERS = `SHOW GLOBAL STATUS WHERE Variable_name IN
  ('Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients', 'Rpl_semi_sync_master_yes_tx');`;

export async function readPair(primary: LabHost, standby: LabHost): Promise<PairReading> {
  const [one, other] = await Promise.all([readHost(primary), readHost(standby)]);
  return { primary: one, standby: other };
}

async function readHost(host: LabHost): Promise<HostReading> {
  const [{ stdout: active }, { stdout: tables }, variables, counters, channel] = await Promise.all([
    host.exec(['systemctl', 'is-active', GUARD], { check: false }),
    host.exec(['nft', 'list', 'tables']),
    sql(host, 'SHOW GLOBAL VARIABLES;'),
    sql(host, COUNTERS),
    vertical(host, 'SHOW SLAVE STATUS;'),
  ]);
  const counter = new Map(counters.map(([name = '', value = '']) => [name, value]));
  return {
    name: host.name,
    guardRuns: active.trim() === 'active',
    fenced: tablesOf(tables).length > 0,
    variables: new Map(variables.map(([name = '', value = '']) => [name, value])),
    waits: counter.get('Rpl_semi_sync_master_status') === 'ON',
    clients: Number(counter.get('Rpl_semi_sync_master_clients')),
    confirmed: Number(counter.get('Rpl_semi_sync_master_yes_tx')),
    replicates: ['IO', 'SQL'].every((thread) => channel.get(`Slave_${thread}_Running`) === 'Yes'),
  };
}

/** The fence's tables as nft lists them: family and name. */
export function tablesOf(text: string): [family: string, name: string][] {
  return [...text.matchAll(/^table (\w+) (hotpair)$/gm)].map(([, family = '', name = '']) => [family, name]);
}
