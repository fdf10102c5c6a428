/** Guards' links and a witness's dialer on loopback, with certificates of an authority of their own and a readable log. */

import { createSecureContext } from 'node:tls';
import { type Logger, pino } from 'pino';
import { VoterLinks, type VoterLinksOptions } from '../../agent/guard/voter-links/voter-links.ts';
import {
  type KeyedCertificate,
  makeAuthority,
  makeLeaf,
} from '../../coordinator/agents/issue-certificate.ts';
import type { Message } from '../../shared/pair/effects.ts';
import type { FoundingMessage } from '../../shared/pair/founding.ts';
import { firstRecord } from '../../shared/pair/record.ts';
import type { NodeId, VoterId } from '../../shared/pair/weights.ts';
import { peerOf } from '../../shared/pair/weights.ts';
import { type VoterMessage, WIRE_VERSION } from '../../shared/pair/wire.ts';
import { VoterDialer, type VoterDialerOptions } from '../../shared/runtime/voter-link/voter-dialer.ts';

export const HOSTS: Readonly<Record<NodeId, string>> = { A: 'db1', B: 'db2' };

export interface Identities {
  readonly authority: KeyedCertificate;
  readonly ca: string;
  readonly A: KeyedCertificate;
  readonly B: KeyedCertificate;
  readonly W: KeyedCertificate;
}

export async function makeIdentities(): Promise<Identities> {
  const authority = await makeAuthority();
  const host = (name: string) => makeLeaf(authority, { commonName: name, address: '127.0.0.1', use: 'both' });
  const [A, B, W] = await Promise.all([
    host(HOSTS.A),
    host(HOSTS.B),
    makeLeaf(authority, { commonName: 'coordinator', address: null, use: 'client' }),
  ]);
  return { authority, ca: authority.cert, A, B, W };
}

export interface LogLines {
  readonly log: Logger;
  readonly lines: { readonly msg: string; readonly reason?: string }[];
}

export function readableLog(): LogLines {
  const lines: { msg: string; reason?: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

export interface Guard extends LogLines, Disposable {
  readonly links: VoterLinks;
  readonly heard: { readonly from: VoterId; readonly message: Message }[];
  readonly founding: FoundingMessage[];
  changes: number;
}

/** The links of one guard; `ports`: where it listens, and where its peer is found. */
export function makeGuard(
  own: NodeId,
  ports: { readonly own: number; readonly peer: number },
  identities: Identities,
  differing: Partial<VoterLinksOptions> = {},
): Guard {
  const { log, lines } = readableLog();
  const heard: Guard['heard'] = [];
  const founding: FoundingMessage[] = [];
  const links = new VoterLinks({
    ...{ pair: 'orders', address: '127.0.0.1', port: ports.own, own, log },
    peer: { address: '127.0.0.1', name: HOSTS[peerOf(own)], port: ports.peer },
    identity: { ca: identities.ca, ...identities[own] },
    gateMemory: { read: () => null, write: () => undefined },
    heard: (from, message) => void heard.push({ from, message }),
    heardFounding: (message) => void founding.push(message),
    changed: () => {
      guard.changes++;
    },
    ...differing,
  });
  const guard: Guard = {
    ...{ links, heard, founding, log, lines, changes: 0 },
    [Symbol.dispose]: () => links.stop(),
  };
  return guard;
}

export interface Witness extends LogLines, Disposable {
  readonly dialer: VoterDialer;
  readonly heard: VoterMessage[];
}

export function makeWitness(
  to: NodeId,
  port: number,
  identities: Identities,
  differing: Partial<VoterDialerOptions> = {},
): Witness {
  const { log, lines } = readableLog();
  const heard: VoterMessage[] = [];
  const context = createSecureContext({ ca: identities.ca, ...identities.W });
  const dialer = new VoterDialer({
    ...{ address: '127.0.0.1', port, name: HOSTS[to], from: to, log, context: () => context },
    own: { kind: 'hello', protocol: WIRE_VERSION, pair: 'orders', from: 'W' },
    heard: (message) => void heard.push(message),
    changed: () => undefined,
    ...differing,
  });
  return { dialer, heard, log, lines, [Symbol.dispose]: () => dialer.stop() };
}

export function beat(seq: number): Message & { kind: 'beat' } {
  return {
    ...{ kind: 'beat', stamp: { boot: 1, seq }, promotable: false, threads: 1, position: 7 },
    ...{ echo: null, applied: 0, leaving: false },
  };
}

export function query(by: NodeId): Message {
  return { kind: 'request', request: { kind: 'query', by } };
}

export function stateOf(from: VoterId): Message {
  const record = firstRecord('A');
  return { kind: 'answer', answer: { kind: 'state', from, record, promised: { epoch: 1, by: 'A' } } };
}
