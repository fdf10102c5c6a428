/**
 * A pair in the lab with nothing of hotpair on it but its guards: the servers of database-pair.ts, and keepalived and the
 * guard as a deploy would set them up. For tests of the guard that need no agent and no coordinator.
 */

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { renderKeepalived } from '../../coordinator/render/keepalived.ts';
import { renderKeepalivedUnit } from '../../coordinator/render/keepalived-unit.ts';
import { buildAgentBundle } from '../../install/bundle.ts';
import type { GuardState } from '../../shared/model/facts.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { Lab, LabHost } from '../lab/lab.ts';
import { vertical } from '../lab/load/tables.ts';
import { type DatabasePairOptions, pairSpecOf, peerIn, putFile, startDatabasePair } from './database-pair.ts';

const UNITS = ['hotpair-guard.service', 'keepalived.service'];

export interface GuardedPair extends AsyncDisposable {
  readonly lab: Lab;
  readonly spec: PairSpec;
  readonly names: readonly [string, string];
  status(host: string): Promise<GuardState | undefined>;
  /** Waits until exactly one host is primary and the other a promotable standby, replication running both ways. */
  healthy(deadlineMs?: number): Promise<{ readonly primary: string; readonly standby: string }>;
}

export async function startGuardedPair(options: DatabasePairOptions = {}): Promise<GuardedPair> {
  const lab = await startDatabasePair(options);
  try {
    const spec = pairSpecOf(lab);
    await Promise.all(spec.hosts.map((host) => furnish(lab.host(host.name), spec, host)));
    await Promise.all(spec.hosts.map(({ name }) => lab.host(name).exec(['systemctl', 'start', ...UNITS])));
    return makePair(lab, spec);
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Writes what a deploy would write besides. */
async function furnish(host: LabHost, spec: PairSpec, own: HostSpec): Promise<void> {
  const bundle = await buildAgentBundle();
  putFile(host, HOST_PATHS.keepalivedConfig, renderKeepalived(spec, own, peerIn(spec, own)));
  putFile(host, HOST_PATHS.keepalivedUnitDropIn, renderKeepalivedUnit(spec, own));
  for (const { name, content } of bundle.units) putFile(host, `/etc/systemd/system/${name}`, content);
  putFile(host, '/opt/hotpair/lab/guard.cjs', bundle.guard);
  symlinkSync('lab', join(host.root, HOST_PATHS.current));
  await host.exec(['systemctl', 'daemon-reload']);
  await host.exec(['systemctl', 'enable', '--quiet', ...UNITS]);
}

function makePair(lab: Lab, spec: PairSpec): GuardedPair {
  const names = [spec.hosts[0].name, spec.hosts[1].name] as const;
  const status = (host: string): Promise<GuardState | undefined> => readStatus(lab.host(host));
  return {
    lab,
    spec,
    names,
    status,
    async healthy(deadlineMs = 30_000) {
      let seen: unknown;
      const found = await waitFor(
        'a primary, a standby, and replication both ways',
        async () => {
          const states = await Promise.all(names.map((name) => describe(lab.host(name))));
          seen = states;
          const primary = states.find((state) => state.guard?.role === 'primary' && state.guard.hasVip);
          const standby = states.find((state) => state.guard?.voting?.promotable === true);
          const streaming = states.every((state) => state.channel === 'Yes Yes');
          if (primary === undefined || standby === undefined || !streaming) return undefined;
          return primary.guard?.voting?.phase === 'PRIMARY_SYNC' && !standby.guard?.hasVip
            ? { primary: primary.name, standby: standby.name }
            : undefined;
        },
        { deadlineMs, intervalMs: 100 },
      ).catch((error: unknown) => {
        throw new Error(`the pair did not become healthy: ${JSON.stringify(seen, null, 1)}`, {
          cause: error,
        });
      });
      return found;
    },
    [Symbol.asyncDispose]: () => lab.close(),
  };
}

interface Description {
  readonly name: string;
  readonly guard: GuardState | undefined;
  readonly channel: string;
  readonly semiSync: string;
  readonly error: string;
}

async function describe(host: LabHost): Promise<Description> {
  const guard = await readStatus(host);
  const down = { name: host.name, guard, channel: 'down', semiSync: 'down', error: '' };
  if (!host.running) return down;
  try {
    const state = await vertical(
      host,
      'SHOW SLAVE STATUS; SHOW STATUS LIKE "Rpl_semi_sync_master_status";',
      3000,
    );
    const channel = `${state.get('Slave_IO_Running')} ${state.get('Slave_SQL_Running')}`;
    const error = `${state.get('Last_IO_Error')} ${state.get('Last_SQL_Error')}`.trim();
    return { name: host.name, guard, channel, semiSync: state.get('Value') ?? '', error };
  } catch (error) {
    return { ...down, error: String(error) };
  }
}

/** undefined: no guard has written for two seconds. */
async function readStatus(host: LabHost): Promise<GuardState | undefined> {
  if (!host.running) return undefined;
  const { stdout } = await host.exec(['cat', HOST_PATHS.guardStatus], { check: false });
  if (stdout === '') return undefined;
  // Written by the guard under test, and by nobody else.
  const state = JSON.parse(stdout) as GuardState;
  return Date.now() - state.updated < 2000 ? state : undefined;
}
