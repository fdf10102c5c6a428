/** The agent's two doors, on loopback with real certificates: who gets in, what is answered, what is refused. */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'tap';
import type { WebSocket } from 'ws';
import { SEED_PATH } from '../../agent/seed/serve-seed.ts';
import { makeAuthority, makeLeaf } from '../../coordinator/agents/issue-certificate.ts';
import { fromSerialized } from '../../shared/errors/app-error.ts';
import { parseClaims } from '../../shared/model/claim.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import { type HeartbeatChanges, mergeChanges } from '../../shared/model/heartbeat-changes.ts';
import { ACTION_NAMES } from '../../shared/protocol/actions.ts';
import { METRICS_READER } from '../../shared/protocol/enrolment.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/protocol/envelope.ts';
import { METHODS } from '../../shared/protocol/methods.ts';
import { decisionOf } from '../support/make-decision.ts';
import { type RunningAgent, runAgentHere } from '../support/run-agent.ts';

const CALL = { deadlineMs: 10_000 };

test('hello says who answers, and every kind of facts is read', async (t) => {
  await using running = await runAgentHere();
  const peer = await running.connect();
  const hello = await peer.call('hello', { protocol: 1, version: '0.1.0', client: 'test' }, CALL);
  t.equal(hello.host, 'db1');
  t.match(hello.version, /^0\.1\.0/);
  t.match(hello.bootId, /^[0-9a-f-]{36}$/);
  t.match(await peer.call('health', {}, CALL), { status: 'ok', host: 'db1' });
  const addresses = await peer.call('addresses', {}, CALL);
  t.ok(addresses.some((entry) => entry.address === '127.0.0.1' && entry.prefix === 8));
  const facts = await peer.call('facts', {}, CALL);
  t.ok(facts.listening.includes(running.server.port), 'its own port is among the listening ones');
  t.equal(facts.userDatabases, null, 'no server answers');
  t.same(
    (await peer.call('actions', {}, CALL)).map((action) => action.name),
    ACTION_NAMES,
  );
  await t.rejects(peer.call('replication', {}, CALL), { code: 'DATABASE_DOWN' });
  const heartbeat = await peer.call('heartbeat', {}, CALL);
  t.equal(heartbeat.database.up, false);
  t.ok((heartbeat.certificates['agent'] ?? 0) > Date.now());
  peer.close();
});

test('heartbeats are pushed until the connection closes, after the first one with what has changed', async (t) => {
  await using running = await runAgentHere();
  const peer = await running.connect();
  const beats: HeartbeatChanges[] = [];
  const third = new Promise<void>((resolve) => {
    peer.on('heartbeat', (beat) => {
      beats.push(beat);
      if (beats.length === 3) resolve();
    });
  });
  await peer.call('heartbeat.subscribe', { intervalMs: 100 }, CALL);
  await third;
  t.same(
    beats.map((beat) => beat.sequence),
    [1, 2, 3],
  );
  const [first, ...later] = beats.map((beat) => Object.keys(beat));
  t.ok(first?.includes('addresses') && first.includes('certificates'));
  for (const keys of later) t.notOk(keys.includes('addresses') || keys.includes('services'), keys.join());
  const whole = beats.reduce<Heartbeat | null>(mergeChanges, null);
  t.match(whole, { host: 'db1', sequence: 3, database: { up: false }, guard: null });
  peer.close();
  await peer.closed;
});

test('decisions of the guard come after the one that is known, without half-written lines', async (t) => {
  await using running = await runAgentHere();
  const peer = await running.connect();
  const ids = async (params: object) => (await peer.call('decisions', params, CALL)).map(({ id }) => id);
  t.same(await ids({ after: null }), [], 'no guard has decided anything yet');
  const file = join(running.agent.config.state, 'decisions.jsonl');
  const lines = (...of: string[]): string => of.map((id) => `${JSON.stringify(decisionOf(id))}\n`).join('');
  await mkdir(running.agent.config.state, { recursive: true });
  await writeFile(`${file}.1`, lines('1-1', '1-2'));
  await writeFile(file, `${lines('2-1')}{"id":"2-2","at":17\n${lines('2-3')}{"id":"2-4",`);
  t.same(await ids({}), ['1-1', '1-2', '2-1', '2-3']);
  t.same(await ids({ after: '1-1', limit: 2 }), ['1-2', '2-1']);
  t.same(await ids({ after: '2-3' }), []);
  t.same(
    await ids({ after: '7-7' }),
    ['1-1', '1-2', '2-1', '2-3'],
    'what is not known is no reason to keep silent',
  );
  await t.rejects(peer.call('decisions', { limit: 100_000 }, CALL), { code: 'INVALID_PARAMS' });
  const rest = await get(running, '/v1/decisions?after=2-1&limit=5', running.client);
  t.match(rest, { status: 200, body: [{ id: '2-3', row: 'S5' }] });
  peer.close();
});

test('only a client with a client certificate of the authority gets anything', async (t) => {
  await using running = await runAgentHere();
  const stranger = await makeAuthority();
  const cases = {
    'no certificate': null,
    'certificate of another authority': await makeLeaf(stranger, {
      commonName: 'coordinator',
      address: null,
      use: 'client',
    }),
    'certificate for servers': await makeLeaf(running.authority, {
      commonName: 'coordinator',
      address: '127.0.0.1',
      use: 'server',
    }),
    'certificate of another host': await makeLeaf(running.authority, {
      commonName: 'db2',
      address: '127.0.0.1',
      use: 'both',
    }),
    'expired certificate': await makeLeaf(running.authority, {
      commonName: 'coordinator',
      address: null,
      use: 'client',
      notBefore: new Date(Date.now() - 2 * 86_400_000),
      notAfter: new Date(Date.now() - 86_400_000),
    }),
  };
  for (const [name, identity] of Object.entries(cases)) {
    const answer = await get(running, '/v1/health', identity);
    t.match(answer.error, /alert|ECONNRESET|closed|hang up/i, name);
    t.equal(answer.status, undefined, `${name}: no answer`);
  }
  const plain = await get(running, '/v1/health', running.client, 'TLSv1.2');
  t.equal(plain.status, undefined, 'TLS 1.2 is not spoken');
  t.equal((await get(running, '/v1/health', running.client)).status, 200);
});

test('who collects metrics gets the metrics, and nothing else', async (t) => {
  await using running = await runAgentHere();
  const reader = { commonName: METRICS_READER, address: null, use: 'client' } as const;
  const identity = await makeLeaf(running.authority, reader);
  const metrics = await get(running, '/metrics', identity);
  t.equal(metrics.status, 200);
  const text = String(metrics.body);
  t.match(text, /^hotpair_server_up 0$/m);
  t.match(text, /^hotpair_guard_up 0$/m);
  t.notMatch(text, /^hotpair_replication_lag_seconds \d/m, 'what is not known is left out');
  t.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
  for (const path of ['/v1/health', '/v1/facts', '/v1/ws', '/metrics/x', SEED_PATH])
    t.not((await get(running, path, identity)).status, 200, path);
});

test('REST answers what the table says, errors with code and status', async (t) => {
  await using running = await runAgentHere();
  for (const [name, spec] of Object.entries(METHODS)) {
    if (!('rest' in spec) || spec.rest.verb !== 'GET') continue;
    const answer = await get(running, spec.rest.path, running.client);
    t.equal(answer.status, name === 'replication' ? 503 : 200, spec.rest.path);
  }
  const run = await post(running, '/v1/actions/address-read', { mode: 'plan', params: {} });
  t.equal(run.status, 200);
  t.match(run.body, { action: 'address-read', outcome: 'ok' });
  t.match(await post(running, '/v1/actions/nothing', { mode: 'plan', params: {} }), {
    status: 404,
    body: { error: { code: 'METHOD_NOT_FOUND' } },
  });
  t.match(await post(running, '/v1/actions/file-ensure', { mode: 'plan', params: { path: 'x' } }), {
    status: 400,
    body: { error: { code: 'INVALID_PARAMS' } },
  });
  t.match(await get(running, '/v1/journal?limit=abc', running.client), { status: 400 });
  t.match(await get(running, '/v1/../etc/passwd', running.client), { status: 404 });
  t.match(await post(running, '/v1/actions/address-read', '{ not json'), { status: 400 });
  const large = await post(running, '/v1/actions/address-read', 'x'.repeat(MAX_MESSAGE_BYTES + 1)).catch(
    () => ({ status: 413 }),
  );
  t.ok(large.status >= 400, 'a body over the limit is refused');
  t.equal((await get(running, '/v1/health', running.client)).status, 200, 'and the agent goes on');
});

test('the OpenAPI document describes every REST path and every action', async (t) => {
  await using running = await runAgentHere();
  const { body } = await get(running, '/v1/openapi.json', running.client);
  const document = body as { openapi: string; paths: Record<string, Record<string, unknown>> };
  t.equal(document.openapi, '3.1.0');
  for (const name of ACTION_NAMES) t.ok(document.paths[`/v1/actions/${name}`]?.['post'], name);
  for (const path of ['/v1/health', '/v1/facts', '/v1/addresses', '/v1/replication', '/v1/services'])
    t.ok(document.paths[path]?.['get'], path);
});

test('frames that are no calls are answered or end the connection, and the agent goes on', async (t) => {
  await using running = await runAgentHere();
  const socket = await running.open();
  const answers = collect(socket);
  for (const text of ['{', '[]', '{"jsonrpc":"1.0"}', '{"jsonrpc":"2.0","id":{},"method":"health"}', ''])
    socket.send(text);
  socket.send('{"jsonrpc":"2.0","id":1,"method":"__proto__"}');
  socket.send('{"jsonrpc":"2.0","id":2,"method":"health","params":{"more":1}}');
  socket.send('{"jsonrpc":"2.0","method":"nobody"}');
  socket.send('{"jsonrpc":"2.0","id":3,"method":"health"}');
  await answers.until(8);
  const codes = answers.seen.map((answer) => answer.error && fromSerialized(answer.error.data ?? {}).code);
  t.same(codes.slice(0, 5), Array(5).fill('MALFORMED_FRAME'));
  t.equal(answers.byId(1)?.error?.data?.code, 'METHOD_NOT_FOUND');
  t.equal(answers.byId(2)?.error?.data?.code, 'INVALID_PARAMS');
  t.ok(answers.byId(3)?.result, 'a good call on the same connection is answered');

  socket.send(Buffer.from([0, 1, 2]), { binary: true });
  t.equal((await once(socket, 'close'))[0], 1003, 'a binary frame ends the connection');
  const large = await running.open();
  large.on('error', () => undefined);
  large.send('x'.repeat(MAX_MESSAGE_BYTES + 1));
  t.equal((await once(large, 'close'))[0], 1009, 'so does a message over the limit');
  t.equal((await get(running, '/v1/health', running.client)).status, 200);
});

test('a pair is one coordinator at a time, and free when its connection is gone', async (t) => {
  await using running = await runAgentHere();
  const [one, two] = await Promise.all([running.connect(), running.connect()]);
  await one.call('claim', { pair: 'orders', owner: 'deploy on alpha' }, CALL);
  await one.call('claim', { pair: 'orders', owner: 'deploy on alpha' }, CALL);
  await t.rejects(two.call('claim', { pair: 'orders', owner: 'deploy on beta' }, CALL), {
    code: 'PAIR_BUSY',
    message: /deploy on alpha/,
  });
  await two.call('release', { pair: 'orders' }, CALL);
  await t.rejects(two.call('claim', { pair: 'orders', owner: 'deploy on beta' }, CALL), {
    code: 'PAIR_BUSY',
  });
  await two.call('claim', { pair: 'other', owner: 'deploy on beta' }, CALL);
  const claims = parseClaims((await readFile(running.agent.config.claims, 'utf8')).split('\n'));
  t.match(claims, [
    { pid: process.pid, pair: 'orders', owner: 'deploy on alpha' },
    { pid: process.pid, pair: 'other', owner: 'deploy on beta' },
  ]);
  one.close();
  await one.closed;
  const end = Date.now() + 5000;
  for (;;) {
    const failed = await two.call('claim', { pair: 'orders', owner: 'deploy on beta' }, CALL).then(
      () => false,
      () => true,
    );
    if (!failed) break;
    if (Date.now() > end) throw new Error('the claim outlived its connection');
  }
  t.pass('the second coordinator has it now');
  for (const pair of ['orders', 'other']) await two.call('release', { pair }, CALL);
  t.notOk(existsSync(running.agent.config.claims), 'and an installation is told of nobody');
  two.close();
});

test('a replayed key gets the first answer, and is refused with other parameters', async (t) => {
  await using running = await runAgentHere();
  const peer = await running.connect();
  const path = `${running.writable}/a.conf`;
  const call = (content: string, key: string) =>
    peer.call(
      'action',
      { name: 'file-ensure', mode: 'apply', params: { path, content, mode: 0o644 }, key },
      CALL,
    );
  const first = await call('one\n', 'k1');
  t.equal(first.outcome, 'changed');
  t.same(await call('one\n', 'k1'), first, 'not run again');
  await t.rejects(call('two\n', 'k1'), { code: 'REPLAYED_KEY' });
  t.equal((await call('one\n', 'k2')).outcome, 'ok');
  peer.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly body?: unknown;
  readonly error?: string;
}

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function get(
  running: RunningAgent,
  path: string,
  identity: Identity | null,
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): Promise<Answer> {
  return send(running, 'GET', path, identity, maxVersion);
}

function post(running: RunningAgent, path: string, body: unknown): Promise<Answer & { status: number }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(running, 'POST', path, running.client, 'TLSv1.3', text) as Promise<Answer & { status: number }>;
}

function send(
  running: RunningAgent,
  method: string,
  path: string,
  identity: Identity | null,
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
  body?: string,
): Promise<Answer> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: running.server.port,
        path,
        method,
        agent: false,
        ca: running.authority.cert,
        maxVersion,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        ...(identity === null ? {} : { cert: identity.cert, key: identity.key }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: bodyOf(response, text) }));
        response.on('error', (error) => resolve({ status: undefined, error: error.message }));
      },
    );
    call.on('error', (error: Error & { code?: string }) =>
      resolve({ status: undefined, error: `${error.code ?? ''} ${error.message}` }),
    );
    call.end(body);
  });
}

/** Metrics are the one answer that is no JSON. */
function bodyOf({ headers }: IncomingMessage, text: string): unknown {
  return headers['content-type']?.startsWith('text/plain') === true ? text : JSON.parse(text);
}

interface RawAnswer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly data?: { readonly code?: string } };
}

function collect(socket: WebSocket) {
  const seen: RawAnswer[] = [];
  let wake = (): void => undefined;
  socket.on('message', (data) => {
    seen.push(JSON.parse(String(data)));
    wake();
  });
  return {
    seen,
    byId: (id: number) => seen.find((answer) => answer.id === id),
    async until(count: number): Promise<void> {
      while (seen.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}
