/**
 * Puts the agent onto one host and connects to it. It looks first: where an agent of this build answers with a certificate
 * that is good for a while, nothing is done and ssh is not used.
 */

import { type AgentBundle, buildAgentBundle } from '../../install/bundle.ts';
import { type AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec } from '../../shared/model/pair-spec.ts';
import { enrolHost } from './enrol-host.ts';
import { type AgentLink, connectAgent } from './link.ts';
import { needsRenewal, type Pki, RENEW_MS } from './pki.ts';
import { checkOwner, checkProbe, type Probe, parseProbe } from './probe.ts';
import { releaseEntries, releaseLink } from './release.ts';
import { findRuntime } from './runtime.ts';
import { openSsh, type SshConnection } from './ssh.ts';
import { tarStream } from './tar-stream.ts';

export interface EnsureAgentOptions {
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Enrol a host that belongs to another coordinator. */
  readonly takeOver?: boolean;
}

export interface EnsuredAgent {
  readonly link: AgentLink;
  /** What was changed on the host; empty = nothing. */
  readonly changed: readonly string[];
}

const LOOK_MS = 3000;
const CONNECT_MS = 10_000;
const PROBE_MS = 20_000;
/** 125 MB over a slow line (1 MB/s) and to a slow disk. */
const PUSH_MS = 300_000;

export async function ensureAgent(
  spec: HotpairSpec,
  host: HostSpec,
  pki: Pki,
  options: EnsureAgentOptions = {},
): Promise<EnsuredAgent> {
  const bundle = await buildAgentBundle();
  const connect = (deadlineMs: number): Promise<AgentLink> =>
    connectAgent(host, {
      identity: pki.clientIdentity(),
      port: spec.coordinator.agentPort,
      deadlineMs,
      version: bundle.version,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  const seen = await look(connect);
  const reason = whyInstall(seen, Date.now());
  if (seen.link !== undefined && reason === undefined) return { link: seen.link, changed: [] };
  seen.link?.close();
  options.onProgress?.(`${reason ?? 'the agent is wanted anew'}: installing ${bundle.version}`);
  const changed = await install(spec, host, pki, bundle, options);
  return { link: await connect(CONNECT_MS), changed };
}

/** What came of connecting to the agent as it is. */
export type Seen =
  | { readonly link: AgentLink; readonly error?: never }
  | { readonly error: AppError; readonly link?: never };

/** Why the agent has to be installed (again), for people; undefined where it is right. Pure; `now` in ms. */
export function whyInstall(
  seen: { readonly link: Pick<AgentLink, 'certificateExpiresAt'> } | { readonly error: AppError },
  now: number,
): string | undefined {
  if ('error' in seen) {
    const { code, data } = seen.error;
    if (code === 'AGENT_VERSION') return `its agent is ${String(data['agent'])}`;
    if (code === 'CERTIFICATE_REJECTED') return 'its agent and this coordinator do not trust each other';
    return 'no agent answers';
  }
  if (!needsRenewal(seen.link.certificateExpiresAt, now)) return undefined;
  return `its certificate ends on ${new Date(seen.link.certificateExpiresAt).toISOString().slice(0, 10)}`;
}

async function look(connect: (deadlineMs: number) => Promise<AgentLink>): Promise<Seen> {
  try {
    return { link: await connect(LOOK_MS) };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'CANCELLED') throw error;
    return { error };
  }
}

async function install(
  spec: HotpairSpec,
  host: HostSpec,
  pki: Pki,
  bundle: AgentBundle,
  options: EnsureAgentOptions,
): Promise<readonly string[]> {
  const target = { name: host.name, destination: host.ssh, configFile: spec.coordinator.sshConfig };
  const ssh = await openSsh(target);
  try {
    const probe = parseProbe(await ssh.run('probe', { timeoutMs: PROBE_MS, ...signalOf(options) }));
    checkProbe(target, probe);
    checkOwner(host.name, probe, pki.ca, options.takeOver ?? false);
    const pushed = await push(ssh, probe, bundle, options);
    const request = {
      host: host.name,
      address: host.address,
      port: spec.coordinator.agentPort,
      ca: pki.ca,
      version: bundle.version,
      renewBefore: Date.now() + RENEW_MS,
      takeOver: options.takeOver ?? false,
      restart: true,
    };
    const onProgress = (message: string): void => options.onProgress?.(message);
    const enrolled = await enrolHost(ssh, host, pki, request, { ...signalOf(options), onProgress });
    return [...pushed, ...enrolled];
  } finally {
    await ssh.close();
  }
}

/** Copies the release, and the runtime where the host lacks it; nothing where both are there. */
async function push(
  ssh: SshConnection,
  probe: Probe,
  bundle: AgentBundle,
  options: EnsureAgentOptions,
): Promise<string[]> {
  if (probe.current === releaseLink(bundle.version)) return [];
  const runtime = await findRuntime(probe.machine);
  const withRuntime = !probe.runtimes.includes(runtime.name);
  const megabytes = Math.round((bundle.content.length + (withRuntime ? runtime.size : 0)) / 1e6);
  options.onProgress?.(
    `copying ${withRuntime ? `the agent and ${runtime.name}` : 'the agent'} (${megabytes} MB)`,
  );
  const input = tarStream(releaseEntries(bundle, runtime, withRuntime));
  await ssh.run('receive', { timeoutMs: PUSH_MS, input, ...signalOf(options) });
  return [`/opt/hotpair/${releaseLink(bundle.version)}`];
}

function signalOf(options: { readonly signal?: AbortSignal }): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
