/**
 * Two agents on loopback that say what a test wants: the real connection (TLS, WebSocket, JSON-RPC) and a spec for it.
 * Only the hosts behind them are not there, because two servers in every state cannot be.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeLeaf } from '../../coordinator/agents/issue-certificate.ts';
import { loadOrCreatePki } from '../../coordinator/agents/pki.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { GuardDecision } from '../../shared/model/guard-decision.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { STORE_DEFAULTS } from '../../shared/model/store-file.ts';
import type { ActionResult } from '../../shared/protocol/actions.ts';
import type { GuardAnswer, GuardCommand } from '../../shared/protocol/guard-command.ts';
import { type AgentServer, startAgentServer } from './agent-server.ts';
import { makeHeartbeat } from './make-heartbeat.ts';
import { PAIR } from './make-readings.ts';

export type HostName = 'db1' | 'db2';
export const HOST_NAMES = ['db1', 'db2'] as const;

export interface FakeAgents extends AsyncDisposable {
  readonly data: string;
  readonly spec: HotpairSpec;
  /** The spec as JSON, for cli-with-spec.ts. */
  readonly specFile: string;
  /** What a host says from now on. */
  say(host: HostName, heartbeat: (now: number) => Heartbeat): void;
  /** What the host's guard answers to commands; it takes none where nothing is set. */
  obey(host: HostName, answer: (command: GuardCommand) => GuardAnswer): void;
  /** What the guard of a host has decided by now, oldest first. */
  decided(host: HostName, decisions: readonly GuardDecision[]): void;
  /** Answers of actions by name. */
  answer(action: string, facts: (host: HostName, params: unknown) => unknown): void;
  /** A muted agent stays connected and pushes nothing. */
  mute(host: HostName, muted: boolean): void;
  /** Outcome of actions by name; `ok` where nothing is set. */
  outcome(action: string, outcome: (host: HostName) => ActionResult['outcome']): void;
  /** Names and modes of the actions that were called, in order: "db1 plan address-read". */
  readonly called: readonly string[];
  /** The agent of the host ends all connections and takes no new ones. */
  stop(host: HostName): Promise<void>;
  start(host: HostName): Promise<void>;
  /** Sends a line of the log to who follows it. */
  log(host: HostName, line: { unit: string; time: number; message: string; priority: number }): void;
}

interface Shared {
  readonly decisions: Map<HostName, readonly GuardDecision[]>;
  readonly outcomes: Map<string, (host: HostName) => ActionResult['outcome']>;
  readonly called: string[];
  readonly muted: Set<HostName>;
  readonly guards: Map<HostName, (command: GuardCommand) => GuardAnswer>;
  readonly beats: Record<HostName, (now: number) => Heartbeat>;
  readonly actions: Map<string, (host: HostName, params: unknown) => unknown>;
}

/** Loopback addresses of a test process' own, so that test files that run at once never meet. */
function addressesOf(): Record<HostName, string> {
  const [high, low] = [(process.pid >> 8) & 0xff, process.pid & 0xff];
  return { db1: `127.${10 + (high % 100)}.${low}.11`, db2: `127.${10 + (high % 100)}.${low}.12` };
}

export async function startFakeAgents(dir: string, more: FakeConfig = {}): Promise<FakeAgents> {
  const data = join(dir, 'data');
  mkdirSync(data, { recursive: true });
  const addresses = addressesOf();
  const shared: Shared = {
    decisions: new Map(),
    muted: new Set(),
    guards: new Map(),
    outcomes: new Map(),
    called: [],
    beats: {
      db1: (now) => makeHeartbeat('db1', { time: now }),
      db2: (now) => makeHeartbeat('db2', { time: now }),
    },
    actions: new Map(),
  };
  const servers = new Map<HostName, AgentServer>();
  let port = 0;
  const start = async (host: HostName): Promise<void> => {
    const server = await startAgent(host, addresses[host], data, port, shared);
    port = server.port;
    servers.set(host, server);
  };
  const stop = async (host: HostName): Promise<void> => {
    const server = servers.get(host);
    servers.delete(host);
    await server?.[Symbol.asyncDispose]();
  };
  for (const host of HOST_NAMES) await start(host);
  const spec = specOf(addresses, port, data, more);
  const specFile = join(dir, 'spec.json');
  writeFileSync(specFile, JSON.stringify(spec));
  return {
    ...{ data, spec, specFile, start, stop, called: shared.called },
    outcome: (action, outcome) => void shared.outcomes.set(action, outcome),
    say: (host, heartbeat) => {
      shared.beats[host] = heartbeat;
    },
    decided: (host, decisions) => void shared.decisions.set(host, decisions),
    mute: (host, muted) => void (muted ? shared.muted.add(host) : shared.muted.delete(host)),
    obey: (host, answer) => void shared.guards.set(host, answer),
    answer: (action, facts) => void shared.actions.set(action, facts),
    log: (host, line) => {
      for (const peer of servers.get(host)?.peers ?? [])
        if (peer.closeReason === undefined) peer.notify('log', line);
    },
    async [Symbol.asyncDispose]() {
      for (const host of HOST_NAMES) await stop(host);
    },
  };
}

export interface FakeConfig {
  readonly reports?: HotpairSpec['reports'];
  /** Port of the daemon; 0 takes a free one. */
  readonly listenPort?: number;
}

function specOf(
  addresses: Record<HostName, string>,
  agentPort: number,
  data: string,
  more: FakeConfig,
): HotpairSpec {
  const [db1, db2] = PAIR.hosts;
  return {
    pairs: [
      {
        ...PAIR,
        hosts: [
          { ...db1, address: addresses.db1 },
          { ...db2, address: addresses.db2 },
        ],
      },
    ],
    ...{ reports: more.reports ?? null, store: STORE_DEFAULTS },
    coordinator: {
      listen: { host: '127.0.0.1', port: more.listenPort ?? 0 },
      ...{ data, agentPort, sshConfig: null, smtp: null, tls: null },
    },
  };
}

async function startAgent(
  host: HostName,
  address: string,
  data: string,
  port: number,
  shared: Shared,
): Promise<AgentServer> {
  const { ca } = await loadOrCreatePki(data);
  const authority = { cert: ca, key: await readFile(join(data, 'pki', 'ca.key'), 'utf8') };
  const leaf = await makeLeaf(authority, { commonName: host, address, use: 'server' });
  const server: AgentServer = await startAgentServer({
    ...{ ca, ...leaf, address, port, hello: { host } },
    handler: async (method, params, context) => {
      if (method === 'heartbeat') return shared.beats[host](Date.now());
      if (method === 'heartbeat.subscribe') return pushBeats(server, host, shared);
      if (method === 'log.follow')
        return new Promise((resolve) => context.signal.addEventListener('abort', () => resolve({})));
      if (method === 'guard.command') return runCommand(host, params, shared);
      if (method === 'decisions') return decisionsAfter(host, params, shared);
      if (method === 'action') return runAction(host, params, shared);
      return {};
    },
  });
  return server;
}

/** Faster than an agent does, so that tests do not wait. */
const PUSH_MS = 100;

function pushBeats(server: AgentServer, host: HostName, shared: Shared): object {
  const peer = server.peers.at(-1);
  const timer = setInterval(() => {
    if (peer?.closeReason === undefined && !shared.muted.has(host))
      peer?.notify('heartbeat', shared.beats[host](Date.now()));
  }, PUSH_MS);
  void peer?.closed.then(() => clearInterval(timer));
  return {};
}

function runCommand(host: HostName, params: unknown, shared: Shared): GuardAnswer {
  const { command } = params as { readonly command: GuardCommand };
  shared.called.push(`${host} ${command.kind}`);
  const none: GuardAnswer = { accepted: false, reason: 'no guard here' };
  return shared.guards.get(host)?.(command) ?? none;
}

function decisionsAfter(host: HostName, params: unknown, shared: Shared): readonly GuardDecision[] {
  const { after, limit } = params as { after: string | null; limit: number };
  const all = shared.decisions.get(host) ?? [];
  return all.slice(all.findIndex(({ id }) => id === after) + 1).slice(0, limit);
}

function runAction(host: HostName, params: unknown, shared: Shared): ActionResult {
  const call = params as { name: string; mode: string; params: unknown };
  shared.called.push(`${host} ${call.mode} ${call.name}`);
  const facts = shared.actions.get(call.name)?.(host, call.params) ?? {};
  const outcome = shared.outcomes.get(call.name)?.(host) ?? 'ok';
  return { action: call.name, outcome, changes: [], facts, durationMs: 1 };
}
