/**
 * Takes hotpair off a host again, over ssh, so that it works with a broken agent too. A host that serves a pair is
 * refused unless the operator names it a second time.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import { type Claim, pairBusy, parseClaims } from '../../shared/model/claim.ts';
import type { HostSpec, HotpairSpec } from '../../shared/model/pair-spec.ts';
import { openSsh } from './ssh.ts';

export interface RemoveOptions {
  /** The host may be part of a deployed pair, even its primary. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/** What a host says before hotpair is removed from it. */
export interface RemovalLook {
  /** Something of hotpair is there. */
  readonly installed: boolean;
  /** A guard is set up: the host is part of a deployed pair. */
  readonly deployed: boolean;
  /** Role that its guard last wrote, e.g. primary; null: none. */
  readonly role: string | null;
  /** Who is at work on the pair of the host. */
  readonly claims: readonly Claim[];
}

const LOOK_MS = 20_000;
const REMOVE_MS = 60_000;

/** Answers the paths that were removed; empty = there was nothing. Throws REFUSED for a host of a deployed pair, PAIR_BUSY while somebody is at work on it. */
export async function removeAgent(
  spec: HotpairSpec,
  host: HostSpec,
  options: RemoveOptions,
): Promise<readonly string[]> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const ssh = await openSsh({
    name: host.name,
    destination: host.ssh,
    configFile: spec.coordinator.sshConfig,
  });
  try {
    const look = parseRemovalLook(await ssh.run('remove-look', { timeoutMs: LOOK_MS, ...signal }));
    if (!look.installed) return [];
    const [claim] = look.claims;
    if (claim !== undefined) throw pairBusy(claim);
    const refusal = options.force ? undefined : refuseRemoval(host.name, look);
    if (refusal !== undefined) throw refusal;
    return parseRemoved(await ssh.run('remove', { timeoutMs: REMOVE_MS, ...signal }));
  } finally {
    await ssh.close();
  }
}

/** Lines `agent yes`, `guard yes`, `status JSON` and `claim CLAIM`, each only where it is so. Pure. */
export function parseRemovalLook(text: string): RemovalLook {
  const lines = text.split('\n').map((line) => line.trim());
  const status = lines.find((line) => line.startsWith('status '))?.slice('status '.length) ?? '';
  return {
    installed: lines.includes('agent yes'),
    deployed: lines.includes('guard yes'),
    claims: parseClaims(
      lines.filter((line) => line.startsWith('claim ')).map((line) => line.slice('claim '.length)),
    ),
    role: /"role":\s*"([a-z]+)"/.exec(status)?.[1] ?? null,
  };
}

/** Why hotpair must not be removed from a host without force; undefined: nothing speaks against it. Pure. */
export function refuseRemoval(host: string, look: RemovalLook): AppError | undefined {
  if (!look.deployed) return undefined;
  const what =
    look.role === 'primary'
      ? `${host} is the primary of a deployed pair: clients write to it`
      : `${host} is part of a deployed pair${look.role === null ? '' : ` (${look.role})`}: without it there is no standby`;
  return new AppError(
    'REFUSED',
    `${what}. To remove hotpair from it all the same, stopping keepalived there: coordinator agent remove ${host} --force ${host}`,
    { data: { host, role: look.role } },
  );
}

function parseRemoved(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('removed '));
  return lines.map((line) => line.slice('removed '.length).trim());
}
