/**
 * A connection to one agent: mutual TLS, WebSocket, JSON-RPC, and the hello that compares versions. The coordinator
 * dials; every failure is an AppError that names the host and what to do.
 */

import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { AppError, fromSerialized } from '../../shared/errors/app-error.ts';
import type { HostSpec } from '../../shared/model/pair-spec.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/protocol/envelope.ts';
import type { MethodResult } from '../../shared/protocol/methods.ts';
import { HOTPAIR_VERSION, PROTOCOL_VERSION } from '../../shared/protocol/version.ts';
import type { Caller } from '../../shared/runtime/call.ts';
import { createPeer } from '../../shared/runtime/peer.ts';
import { wsTransport } from '../../shared/runtime/ws-transport.ts';
import { explainConnectError } from './connect-error.ts';
import { sameRelease } from './version.ts';

/** What the coordinator shows to an agent, and the authority that it accepts agents of; all PEM. */
export interface ClientIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ConnectOptions {
  readonly identity: ClientIdentity;
  readonly port: number;
  /** Longest wait for connection and hello together, ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** The exact build the agent must be of; without it the release alone is compared. */
  readonly version?: string;
}

export interface ActionOptions {
  /** Default 60 000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
  /** Idempotency key: the same key and parameters get the first answer again. */
  readonly key?: string;
}

export interface AgentLink extends Caller {
  readonly host: HostSpec;
  readonly hello: MethodResult<'hello'>;
  /** Not-after of the agent's certificate, ms since the epoch. */
  readonly certificateExpiresAt: number;
  /** An outcome `failed` is returned, not thrown; see actionOrThrow. */
  action<N extends ActionName>(
    name: N,
    mode: 'plan' | 'apply',
    params: ActionParams<N>,
    options?: ActionOptions,
  ): Promise<ActionResult>;
}

const ACTION_DEADLINE_MS = 60_000;
const UNANSWERED: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'DEADLINE_EXCEEDED']);

/** Throws AGENT_UNREACHABLE, CERTIFICATE_REJECTED, AGENT_VERSION, DEADLINE_EXCEEDED or CANCELLED. */
export async function connectAgent(host: HostSpec, options: ConnectOptions): Promise<AgentLink> {
  const started = performance.now();
  const { socket, certificateExpiresAt } = await dial(host, options);
  const peer = createPeer(wsTransport(socket));
  try {
    const hello = await peer.call(
      'hello',
      { protocol: PROTOCOL_VERSION, version: HOTPAIR_VERSION, client: 'coordinator' },
      {
        deadlineMs: Math.max(1, options.deadlineMs - (performance.now() - started)),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
    checkVersion(host, hello, options.version);
    return makeLink(host, hello, certificateExpiresAt, peer);
  } catch (error) {
    peer.close();
    throw error;
  }
}

/** Runs an action in apply mode and throws its error, with the host's name, where the outcome is `failed`. */
export async function actionOrThrow<N extends ActionName>(
  link: AgentLink,
  name: N,
  params: ActionParams<N>,
  options: ActionOptions = {},
): Promise<ActionResult> {
  const result = await link.action(name, 'apply', params, options);
  if (result.outcome !== 'failed') return result;
  const error = fromSerialized(result.error ?? { message: `${name} failed without saying why.` });
  throw new AppError(error.code, `${link.host.name}: ${error.message}`, {
    cause: error,
    data: { ...error.data, host: link.host.name, action: name },
  });
}

function makeLink(
  host: HostSpec,
  hello: MethodResult<'hello'>,
  certificateExpiresAt: number,
  caller: Caller,
): AgentLink {
  return {
    host,
    hello,
    certificateExpiresAt,
    closed: caller.closed,
    call: (method, params, options) => named(host, caller.call(method, params, options)),
    on: (name, listener) => caller.on(name, listener),
    close: () => caller.close(),
    action(name, mode, params, options = {}) {
      const { deadlineMs = ACTION_DEADLINE_MS, key, ...rest } = options;
      const call = { name, mode, params, deadlineMs, ...(key === undefined ? {} : { key }) };
      return named(host, caller.call('action', call, { deadlineMs, ...rest }));
    },
  };
}

/** Two connections fail alike: whoever reads of one must see which host it is. */
async function named<T>(host: HostSpec, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AppError) || !UNANSWERED.has(error.code)) throw error;
    throw new AppError(error.code, `${host.name}: ${error.message}`, {
      cause: error,
      data: { ...error.data, host: host.name },
    });
  }
}

function checkVersion(host: HostSpec, hello: MethodResult<'hello'>, build: string | undefined): void {
  const expected = build ?? HOTPAIR_VERSION;
  const same = build === undefined ? sameRelease(hello.version, expected) : hello.version === expected;
  if (same && hello.protocol === PROTOCOL_VERSION) return;
  throw new AppError(
    'AGENT_VERSION',
    `The agent on ${host.name} is of version ${hello.version} (protocol ${hello.protocol}), this coordinator of ${expected} (protocol ${PROTOCOL_VERSION}): run coordinator agent install.`,
    { data: { host: host.name, agent: hello.version, coordinator: expected } },
  );
}

const contexts = new WeakMap<ClientIdentity, SecureContext>();

/** Made once for all connections of an identity: it is a millisecond's work, and takes the place of a connection. */
function contextOf(identity: ClientIdentity): SecureContext {
  const known = contexts.get(identity);
  const context = known ?? createSecureContext({ ...identity, minVersion: 'TLSv1.3' });
  contexts.set(identity, context);
  return context;
}

interface Dialed {
  readonly socket: WebSocket;
  readonly certificateExpiresAt: number;
}

function dial(host: HostSpec, options: ConnectOptions): Promise<Dialed> {
  const { signal } = options;
  if (signal?.aborted)
    return Promise.reject(new AppError('CANCELLED', `Connecting to ${host.name} was cancelled.`));
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://${host.address}:${options.port}/v1/ws`, {
      // The types of ws do not know what it hands on to tls.connect.
      ...{ secureContext: contextOf(options.identity) },
      handshakeTimeout: options.deadlineMs,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      finishRequest(request) {
        request.once('socket', (tls) => tls.once('secureConnect', () => (trusted = true)));
        request.end();
      },
    });
    let trusted = false;
    let certificateExpiresAt = 0;
    const cancel = (): void => socket.terminate();
    signal?.addEventListener('abort', cancel, { once: true });
    socket.once('upgrade', (response) => {
      // The socket of a wss response is a TLS socket; its type is the plain one.
      const certificate = (response.socket as TLSSocket).getPeerCertificate();
      certificateExpiresAt = Date.parse(certificate.valid_to);
    });
    socket.once('open', () => {
      signal?.removeEventListener('abort', cancel);
      socket.removeAllListeners('error');
      resolve({ socket, certificateExpiresAt });
    });
    socket.on('error', (error) => {
      signal?.removeEventListener('abort', cancel);
      if (signal?.aborted) reject(new AppError('CANCELLED', `Connecting to ${host.name} was cancelled.`));
      else reject(explainConnectError(error, trusted, host, options.port));
    });
  });
}
