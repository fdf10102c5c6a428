/**
 * The first half of a take-over: both hosts of the pair get to know this coordinator's authority, beside the one that they
 * belong to. So either guard accepts the other one's new certificate, whichever host is enrolled first, and they never lose
 * each other. The replication password of the pair becomes this coordinator's, too.
 *
 * Invariants: nothing is touched while somebody is at work on the pair; what this coordinator's witness voted for a pair that
 * has belonged to somebody else since is set aside before any host hears of the authority, because it is no memory any more.
 */

import { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { adoptReplication } from '../secrets.ts';
import { LedgerStore } from '../witness/ledger-store.ts';
import { checkOwner, type Probe, parseProbe } from './probe.ts';
import { replicationPasswordOn } from './replication-password.ts';
import { openSsh, type SshConnection } from './ssh.ts';

export interface AnnounceOptions {
  /** Hosts that are to be enrolled; the other one is only told, where it answers. */
  readonly hosts: readonly HostSpec[];
  readonly signal: AbortSignal;
  readonly onProgress: (host: HostSpec, message: string) => void;
}

const PROBE_MS = 20_000;
const TELL_MS = 10_000;

interface Look {
  readonly host: HostSpec;
  readonly ssh: SshConnection;
  readonly probe: Probe;
}

/** `ca`: PEM. Throws PAIR_BUSY, and ssh's error for a host that is to be enrolled. */
export async function announceAuthority(
  spec: HotpairSpec,
  pair: PairSpec,
  ca: string,
  options: AnnounceOptions,
): Promise<void> {
  const opened: SshConnection[] = [];
  try {
    const looks = await Promise.all(pair.hosts.map((host) => look(spec, host, options, opened)));
    const seen = looks.filter((one) => one !== null);
    for (const { host, probe } of seen) checkOwner(host.name, probe, ca, true);
    const strangers = seen.filter(({ probe }) => isForeign(probe, ca));
    if (strangers.length > 0) await new LedgerStore(spec.coordinator.data, pair.name).setAside();
    for (const one of strangers.slice(0, 1)) await adopt(spec, pair, one, options.signal);
    await Promise.all(strangers.map((one) => tell(one, ca, options)));
  } finally {
    await Promise.all(opened.map((ssh) => ssh.close()));
  }
}

/** null: it does not answer, and does not have to. */
async function look(
  spec: HotpairSpec,
  host: HostSpec,
  { hosts, signal, onProgress }: AnnounceOptions,
  opened: SshConnection[],
): Promise<Look | null> {
  const ssh = await openSsh({
    name: host.name,
    destination: host.ssh,
    configFile: spec.coordinator.sshConfig,
  });
  opened.push(ssh);
  try {
    return { host, ssh, probe: parseProbe(await ssh.run('probe', { timeoutMs: PROBE_MS, signal })) };
  } catch (thrown) {
    if (signal.aborted || hosts.includes(host)) throw thrown;
    onProgress(host, `it is not told of this coordinator: ${toAppError(thrown).message}`);
    return null;
  }
}

/** The pair keeps the password that its servers replicate with. Nothing where the host was never deployed. */
async function adopt(spec: HotpairSpec, pair: PairSpec, { ssh }: Look, signal: AbortSignal): Promise<void> {
  const password = await replicationPasswordOn(ssh, signal);
  if (password !== null) await adoptReplication(spec.coordinator.data, pair.name, password);
}

async function tell({ host, ssh, probe }: Look, ca: string, options: AnnounceOptions): Promise<void> {
  if (knows(probe, ca)) return;
  options.onProgress(host, 'its guard gets to know this coordinator');
  const input = Readable.from([Buffer.from(`${ca.trimEnd()}\n`)]);
  await ssh.run('trust', { timeoutMs: TELL_MS, input, signal: options.signal });
}

/** It belongs to another coordinator. A bare host belongs to nobody. */
function isForeign({ ca: held }: Probe, ca: string): boolean {
  return held !== null && !isThere(held, ca);
}

function knows({ trusted }: Probe, ca: string): boolean {
  return trusted !== null && isThere(trusted, ca);
}

/** Whether the certificate is one of those in a text, whatever else is there. */
function isThere(text: string, ca: string): boolean {
  const body = (pem: string): string => pem.replace(/\s+/g, '');
  return body(text).includes(body(new X509Certificate(ca).toString()));
}
