/** A real daemon over fake agents, and requests to its REST interface with a token of each role. */

import { type Logger, pino } from 'pino';
import type { Test } from 'tap';
import { serve } from '../../coordinator/serve.ts';
import { openStore, type Store } from '../../coordinator/store/open-store.ts';
import type { Role } from '../../shared/api/schema.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type FakeAgents, startFakeAgents } from './fake-agents.ts';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export interface ServedApi {
  readonly url: string;
  readonly agents: FakeAgents;
  readonly store: Store;
  readonly tokens: Readonly<Record<Role, string>>;
  /** As admin, where nothing else is said. */
  ask(path: string, init?: AskInit): Promise<Answer>;
  stop(): Promise<void>;
  /** Stops and starts the daemon; answers its new address. */
  restart(): Promise<string>;
}

export interface AskInit {
  readonly method?: string;
  readonly body?: unknown;
  readonly role?: Role | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON answer. */
  readonly json: unknown;
}

export interface ServeWish {
  readonly change?: (spec: HotpairSpec) => HotpairSpec;
  /** Address to listen on; what is not 127.0.0.1 counts as one that others reach. */
  readonly listen?: string;
  readonly requestsPerMinute?: number;
  /** Silent where nothing is said. */
  readonly log?: Logger;
  /** Awaited before a job begins. */
  readonly jobsBegin?: Promise<void>;
}

export async function serveApi(t: Test, wish: ServeWish = {}): Promise<ServedApi> {
  const { change = (spec) => spec, listen = '127.0.0.1' } = wish;
  const agents = await startFakeAgents(t.testdir());
  const store = openStore(agents.data);
  const tokens = {
    viewer: store.tokens.create('vera', 'viewer', null),
    operator: store.tokens.create('otto', 'operator', null),
    admin: store.tokens.create('anna', 'admin', null),
  };
  const { coordinator } = agents.spec;
  const at = { ...coordinator, listen: { host: listen, port: 0 } };
  const spec = change({ ...agents.spec, coordinator: at });
  let daemon = await startDaemon(spec, wish);
  t.teardown(async () => {
    await daemon.stop();
    store.close();
    await agents[Symbol.asyncDispose]();
  });
  const ask = (path: string, init: AskInit = {}): Promise<Answer> =>
    request(`${daemon.url}${path}`, init, tokens);
  // With a certificate of the coordinator's own authority, fetch cannot be told to trust it.
  if (daemon.url.startsWith('http:'))
    await waitFor('both agents to be heard', async () => areHeard((await ask('/v1/pairs/orders')).json), {
      deadlineMs: 20_000,
    });
  return {
    ...{ agents, store, tokens, ask },
    get url() {
      return daemon.url;
    },
    stop: () => daemon.stop(),
    async restart() {
      await daemon.stop();
      daemon = await startDaemon(spec, wish);
      return daemon.url;
    },
  };
}

function areHeard(pair: unknown): true | undefined {
  const { hosts = [] } = pair as { readonly hosts?: readonly { readonly heardMsAgo: number | null }[] };
  return hosts.length === 2 && hosts.every(({ heardMsAgo }) => heardMsAgo !== null) ? true : undefined;
}

async function startDaemon(
  spec: HotpairSpec,
  { requestsPerMinute = 1200, log = pino({ level: 'silent' }), jobsBegin }: ServeWish,
): Promise<{ url: string; stop(): Promise<void> }> {
  const controller = new AbortController();
  const ready = Promise.withResolvers<string>();
  const loadSpec = async (): Promise<HotpairSpec> => {
    await jobsBegin;
    return spec;
  };
  const done = serve({
    ...{ spec, configFile: 'hotpair.yaml', loadSpec, log },
    ...{ signal: controller.signal, onReady: ready.resolve, requestsPerMinute },
  });
  done.catch(ready.reject);
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  return { url: await ready.promise, stop };
}

async function request(url: string, init: AskInit, tokens: Record<Role, string>): Promise<Answer> {
  const { method = 'GET', body, role = 'admin', headers = {} } = init;
  const answer = await fetch(url, {
    method,
    headers: {
      ...(role === null ? {} : { authorization: `Bearer ${tokens[role]}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /[/+]json(;|$)/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : null };
}
