/**
 * The password that a deployed pair replicates with, as its guards have it. A coordinator without it must not make another
 * one: a guard that has not got it yet cannot compare its server with the other one.
 */

import type { GuardConfigFile } from '../../shared/model/guard-config.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { openSsh, type SshConnection } from './ssh.ts';

const READ_MS = 10_000;

/** Asks both hosts by ssh; null where neither was ever deployed. Throws ssh's error for a host that does not answer. */
export async function readReplicationPassword(
  spec: HotpairSpec,
  pair: PairSpec,
  signal: AbortSignal,
): Promise<string | null> {
  const [first, second] = await Promise.all(
    pair.hosts.map(async ({ name, ssh: destination }) => {
      const ssh = await openSsh({ name, destination, configFile: spec.coordinator.sshConfig });
      try {
        return await replicationPasswordOn(ssh, signal);
      } finally {
        await ssh.close();
      }
    }),
  );
  return first ?? second ?? null;
}

/** null where the host was never deployed. */
export async function replicationPasswordOn(ssh: SshConnection, signal: AbortSignal): Promise<string | null> {
  return replicationPasswordIn(await ssh.run('guard-config', { timeoutMs: READ_MS, signal }));
}

/** null: it is not there, or not in a form that this build knows. Pure. */
export function replicationPasswordIn(guardConfig: string): string | null {
  try {
    const { database } = JSON.parse(guardConfig) as Partial<GuardConfigFile>; // a guard checks the same bytes
    const password: unknown = database?.replicationPassword;
    return typeof password === 'string' && password !== '' ? password : null;
  } catch {
    return null;
  }
}
