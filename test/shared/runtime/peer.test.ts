/** Two peers, joined in memory or by a real WebSocket: calls settle whatever happens on the way. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Handler } from '../../../shared/runtime/incoming-calls.ts';
import { createPeer, type Transport } from '../../../shared/runtime/peer.ts';
import { wsTransport } from '../../../shared/runtime/ws-transport.ts';

const CALL = { deadlineMs: 5000 };

/** Two transports that hand each other their texts; `close` ends both, `cut` loses what is sent. */
function pipe() {
  const ends = [0, 1].map(() => ({
    messages: new Set<(text: string) => void>(),
    closes: new Set<(reason: string) => void>(),
  }));
  let open = true;
  let lossy = false;
  const close = (): void => {
    if (!open) return;
    open = false;
    for (const end of ends) for (const listener of end.closes) listener('closed in the test');
  };
  const transport = (own: number): Transport => ({
    send(text) {
      if (!open || lossy) return;
      queueMicrotask(() => {
        for (const listener of ends[1 - own]?.messages ?? []) listener(text);
      });
    },
    close,
    onMessage: (listener) => ends[own]?.messages.add(listener),
    onClose: (listener) => ends[own]?.closes.add(listener),
  });
  return {
    one: transport(0),
    two: transport(1),
    close,
    cut: () => {
      lossy = true;
    },
  };
}

function pair(handler: Handler, options: { maxConcurrent?: number } = {}) {
  const wire = pipe();
  return { client: createPeer(wire.one), server: createPeer(wire.two, { handler, ...options }), wire };
}

const hang: Handler = () => new Promise(() => undefined);

test('a call gets its answer, an error its code and data', async (t) => {
  const { client, server } = pair(async (method, params) => {
    if (method === 'claim') throw new AppError('PAIR_BUSY', 'Busy.', { data: { owner: 'x' } });
    if (method === 'release') throw new Error('a fault');
    return { method, params };
  });
  t.same(await client.call('health', {}, CALL), { method: 'health', params: {} });
  await t.rejects(client.call('claim', { pair: 'a', owner: 'b' }, CALL), {
    code: 'PAIR_BUSY',
    data: { owner: 'x' },
  });
  await t.rejects(client.call('release', { pair: 'a' }, CALL), { code: 'INTERNAL', message: 'a fault' });
  await t.rejects(server.call('health', {}, CALL), { code: 'METHOD_NOT_FOUND' }, 'a client has no methods');
});

test('null is an answer; a handler that answers nothing answers an empty object', async (t) => {
  const { client } = pair(async (method) => (method === 'replication' ? null : undefined));
  t.equal(await client.call('replication', {}, CALL), null, 'a server without a channel');
  t.same(await client.call('release', { pair: 'a' }, CALL), {});
});

test('parameters are decoded before the handler sees them', async (t) => {
  let seen = 0;
  const { wire } = pair(async () => {
    seen += 1;
    return {};
  });
  const answers: string[] = [];
  wire.one.onMessage((text) => answers.push(text));
  wire.one.send('{"jsonrpc":"2.0","id":"a","method":"claim","params":{"pair":1}}');
  wire.one.send('not json');
  await new Promise(setImmediate);
  t.equal(seen, 0);
  t.ok(answers.some((text) => /"id":"a"/.test(text) && /INVALID_PARAMS/.test(text)));
  t.ok(
    answers.some((text) => /"id":null/.test(text) && /MALFORMED_FRAME/.test(text)),
    'an unreadable frame is answered without an id',
  );
});

test('a deadline ends the call on both sides', async (t) => {
  const ended = Promise.withResolvers<unknown>();
  const { client } = pair((_method, _params, { signal }) => {
    signal.addEventListener('abort', () => ended.resolve(signal.reason));
    return new Promise(() => undefined);
  });
  await t.rejects(client.call('health', {}, { deadlineMs: 30 }), { code: 'DEADLINE_EXCEEDED' });
  t.match(await ended.promise, { code: 'DEADLINE_EXCEEDED' });
});

test('a caller whose peer is silent gives up by itself', async (t) => {
  const { client, wire } = pair(hang);
  wire.cut();
  await t.rejects(client.call('health', {}, { deadlineMs: 30 }), { code: 'DEADLINE_EXCEEDED' });
});

test('cancelling reaches the handler', async (t) => {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  const { client } = pair((_method, _params, { signal }) => {
    signal.addEventListener('abort', () => ended.resolve(signal.reason));
    started.resolve();
    return new Promise(() => undefined);
  });
  const controller = new AbortController();
  const call = client.call('health', {}, { ...CALL, signal: controller.signal });
  await started.promise;
  controller.abort();
  await t.rejects(call, { code: 'CANCELLED' });
  t.match(await ended.promise, { code: 'CANCELLED' });
  await t.rejects(client.call('health', {}, { ...CALL, signal: controller.signal }), { code: 'CANCELLED' });
});

test('the end of the connection ends calls and handlers', async (t) => {
  const ended = Promise.withResolvers<unknown>();
  const { client, server, wire } = pair((_method, _params, { signal }) => {
    signal.addEventListener('abort', () => ended.resolve(signal.reason));
    return new Promise(() => undefined);
  });
  const call = client.call('health', {}, CALL);
  setImmediate(wire.close);
  await t.rejects(call, { code: 'CONNECTION_LOST', message: /closed in the test/ });
  t.match(await ended.promise, { code: 'CONNECTION_LOST' });
  await Promise.all([client.closed, server.closed]);
  await t.rejects(client.call('health', {}, CALL), { code: 'CONNECTION_LOST' });
  client.notify('cancel', { id: 1 });
  t.equal(client.closeReason, 'closed in the test');
});

test('progress comes before the answer and only to its call', async (t) => {
  const { client } = pair(async (method, _params, { progress }) => {
    progress(`${method} one`);
    progress(`${method} two`);
    return {};
  });
  const heard: string[] = [];
  const other: string[] = [];
  await Promise.all([
    client.call('health', {}, { ...CALL, onProgress: (message) => heard.push(message) }),
    client.call('facts', {}, { ...CALL, onProgress: (message) => other.push(message) }),
  ]);
  t.same(heard, ['health one', 'health two']);
  t.same(other, ['facts one', 'facts two']);
});

test('more calls at once than allowed are refused, not queued for ever', async (t) => {
  const { client } = pair(hang, { maxConcurrent: 2 });
  const calls = [1, 2].map(() => client.call('health', {}, { deadlineMs: 60 }));
  await t.rejects(client.call('health', {}, CALL), { code: 'REFUSED' });
  await Promise.allSettled(calls);
});

test('over a WebSocket a dead peer is noticed, and a late close still ends', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  const [far] = await accepted;
  const client = createPeer(wsTransport(socket, { pingMs: 40, deadMs: 200 }));
  far.pause();
  await t.rejects(client.call('health', {}, CALL), { code: 'CONNECTION_LOST', message: /no sign of life/ });
  await client.closed;
  far.terminate();
  server.close();
});

test('over a WebSocket both sides talk, and closing is seen by both', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far = new Promise<ReturnType<typeof createPeer>>((resolve) =>
    server.once('connection', (socket) =>
      resolve(createPeer(wsTransport(socket), { handler: async () => ({ fine: true }) })),
    ),
  );
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  const client = createPeer(wsTransport(socket));
  t.same(await client.call('health', {}, CALL), { fine: true });
  client.close();
  await Promise.all([client.closed, (await far).closed]);
  server.close();
});
