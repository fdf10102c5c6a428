/**
 * How the daemon connects to the agents of all its pairs: few at a time, so that after a start each one is connected to
 * within its deadline and not all of them beyond it; with the coordinator's certificate, read anew now and then because
 * it is renewed while the daemon runs.
 */

import type { HostSpec, HotpairSpec } from '../../shared/model/pair-spec.ts';
import { createGate } from './gate.ts';
import { type AgentLink, type ClientIdentity, connectAgent } from './link.ts';
import { loadOrCreatePki } from './pki.ts';

const CONNECT_MS = 5000;
/** A host that is away holds its place for CONNECT_MS. */
const AT_ONCE = 64;
const IDENTITY_MS = 60_000;

/** `onTurn` is called when it is the host's turn to be connected to. */
export type DialAgent = (host: HostSpec, signal: AbortSignal, onTurn: () => void) => Promise<AgentLink>;

export function createFleetDialer({ coordinator: { data, agentPort } }: HotpairSpec): DialAgent {
  const gate = createGate(AT_ONCE);
  let known: { readonly identity: ClientIdentity; readonly readAt: number } | undefined;
  const identity = async (): Promise<ClientIdentity> => {
    if (known !== undefined && performance.now() - known.readAt < IDENTITY_MS) return known.identity;
    const read = (await loadOrCreatePki(data)).clientIdentity();
    known = { identity: read, readAt: performance.now() };
    return read;
  };
  return (host, signal, onTurn) =>
    gate(async () => {
      onTurn();
      const own = await identity();
      return connectAgent(host, { identity: own, port: agentPort, deadlineMs: CONNECT_MS, signal });
    });
}
