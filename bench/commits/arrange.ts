/**
 * Brings a pair from one variant of the commits bench to another.
 *
 * A guard that is told to stop hands over and kills its server, so it is killed itself, both at once and before either
 * can miss the other: servers, replication and semi-sync stay exactly as the guards have set them. The kernel closes the
 * port when the lease has run out; the fence's tables are removed then, so that clients get in without a guard.
 */

import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../../test/lab/lab.ts';
import type { PairUnderTest } from '../../test/lab/load/pair-under-test.ts';
import { sql } from '../../test/lab/load/tables.ts';
import { waitUntilSync } from '../../test/lab/load/voting.ts';
import { GUARD, readPair, tablesOf } from './read-pair.ts';
import { type PairReading, type VariantName, variantProblems, variants } from './variants.ts';

const DROP_IN = `/run/systemd/system/${GUARD}.d/commits.conf`;
const GONE_MS = 5000;
const SYNC_MS = 90_000;
/** The guards follow SYNC with the standby's relay log. */
const SETTLE_MS = 15_000;

export interface Roles {
  readonly pair: PairUnderTest;
  readonly primary: LabHost;
  readonly standby: LabHost;
}

/** Answers what was read of the pair; throws with everything that is not as the variant says. */
export async function arrange(
  roles: Roles,
  name: VariantName,
  deployed: PairReading,
  signal: AbortSignal,
): Promise<PairReading> {
  const { primary, standby } = roles;
  const { guards, semiSync, relaySync } = variants[name];
  const guarded = (await readPair(primary, standby)).primary.guardRuns;
  if (guarded && !guards) await stopGuards(roles);
  if (!guarded || !guards) await setServers(roles, semiSync, relaySync);
  if (!guarded && guards) await startGuards(roles, signal);
  return await untilArranged(roles, name, deployed, signal);
}

/** After a variant that could not be measured: the guards run, whatever became of the pair, and it is whole. */
export async function restoreGuards(roles: Roles, signal: AbortSignal): Promise<void> {
  const { primary, standby } = await readPair(roles.primary, roles.standby);
  if (primary.guardRuns && standby.guardRuns) return await waitUntilSync(roles.pair, SYNC_MS, signal);
  await setServers(roles, variants.guarded.semiSync, variants.guarded.relaySync);
  await startGuards(roles, signal);
}

async function untilArranged(
  { primary, standby }: Roles,
  name: VariantName,
  deployed: PairReading,
  signal: AbortSignal,
): Promise<PairReading> {
  let problems: string[] = [];
  const probe = async (): Promise<PairReading | undefined> => {
    const now = await readPair(primary, standby);
    problems = variantProblems(name, now, deployed);
    return problems.length === 0 ? now : undefined;
  };
  const options = { deadlineMs: SETTLE_MS, intervalMs: 500, signal };
  return waitFor('the variant', probe, options).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error(`the pair is not what "${name}" says: ${problems.join('; ')}`, { cause: error });
  });
}

async function setServers({ primary, standby }: Roles, semiSync: boolean, relaySync: string): Promise<void> {
  await sql(standby, `SET GLOBAL sync_relay_log = ${relaySync};`);
  await sql(primary, `SET GLOBAL rpl_semi_sync_master_enabled = ${semiSync ? 1 : 0};`);
}

async function stopGuards({ pair: { hosts } }: Roles): Promise<void> {
  await Promise.all(hosts.map(keepDown));
  await Promise.all(hosts.map((host) => host.exec(['systemctl', 'kill', '--signal=KILL', GUARD])));
  await Promise.all(hosts.map(untilDown));
  await Promise.all(hosts.map(openFence));
}

async function keepDown(host: LabHost): Promise<void> {
  await host.exec(['mkdir', '-p', `/run/systemd/system/${GUARD}.d`]);
  await host.exec(['tee', DROP_IN], { input: '[Service]\nRestart=no\n' });
  await host.exec(['systemctl', 'daemon-reload']);
}

async function untilDown(host: LabHost): Promise<void> {
  const down = async (): Promise<true | undefined> => {
    const { stdout } = await host.exec(['systemctl', 'is-active', GUARD], { check: false });
    return ['failed', 'inactive'].includes(stdout.trim()) || undefined;
  };
  await waitFor(`the end of the guard of ${host.name}`, down, { deadlineMs: GONE_MS, intervalMs: 50 });
}

async function openFence(host: LabHost): Promise<void> {
  const { stdout } = await host.exec(['nft', 'list', 'tables']);
  for (const [family, name] of tablesOf(stdout)) await host.exec(['nft', 'delete', 'table', family, name]);
}

/** A guard that finds a writable server without a lease kills it: it opens a read-only one itself. */
async function startGuards({ pair, primary }: Roles, signal: AbortSignal): Promise<void> {
  await sql(primary, 'SET GLOBAL read_only = 1, GLOBAL event_scheduler = OFF;');
  await Promise.all(
    pair.hosts.map(async (host) => {
      await host.exec(['rm', '-f', DROP_IN]);
      await host.exec(['systemctl', 'daemon-reload']);
      await host.exec(['systemctl', 'reset-failed', GUARD]);
    }),
  );
  await Promise.all(pair.hosts.map((host) => host.exec(['systemctl', 'start', GUARD])));
  await waitUntilSync(pair, SYNC_MS, signal);
}
