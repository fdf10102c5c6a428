import { test } from 'tap';
import { WebSocket } from 'ws';
import { type LiveMessage, LiveMessageSchema } from '../../../shared/api/live.ts';
import { fits } from '../../../shared/protocol/decode.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { makeHeartbeat, makeVoting, serverDown } from '../../support/make-heartbeat.ts';
import { serveApi } from '../../support/serve-api.ts';

interface Console {
  readonly messages: LiveMessage[];
  readonly socket: WebSocket;
  /** The first message of this type that fits. */
  next<T extends LiveMessage['type']>(
    type: T,
    suits?: (message: Extract<LiveMessage, { type: T }>) => boolean,
  ): Promise<Extract<LiveMessage, { type: T }>>;
  readonly closed: Promise<number>;
}

function openConsole(url: string, hello: object | null, protocols: string[] = []): Console {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/live`, protocols);
  const messages: LiveMessage[] = [];
  socket.on('open', () => hello !== null && socket.send(JSON.stringify(hello)));
  socket.on('message', (bytes) => messages.push(JSON.parse(String(bytes)) as LiveMessage));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return {
    ...{ messages, socket, closed },
    next: (type, suits = () => true) =>
      waitFor(
        `a message ${type}`,
        () =>
          messages.find((one): one is Extract<LiveMessage, { type: typeof type }> => {
            return one.type === type && suits(one as Extract<LiveMessage, { type: typeof type }>);
          }),
        { deadlineMs: 20_000 },
      ),
  };
}

test('a console sees a failover while it happens, and what it missed when it comes back', async (t) => {
  const { url, agents, tokens, stop } = await serveApi(t);
  const first = openConsole(url, { type: 'hello', token: tokens.viewer });
  const ready = await first.next('ready');
  t.match(ready, {
    name: 'vera',
    role: 'viewer',
    pairs: [{ name: 'orders', grade: 'healthy', primary: 'db1' }],
  });
  first.socket.send(JSON.stringify({ type: 'watch', pair: 'orders' }));
  t.match(await first.next('pair'), {
    pair: { vipHolder: 'db1', hosts: [{ name: 'db1', hasVip: true }, {}] },
  });
  agents.say('db1', (time) => serverDown('db1', { time, vip: false }));
  agents.say('db2', (time) => makeHeartbeat('db2', { time, primary: true }));
  t.match(
    await first.next('event', ({ event }) => event.kind === 'VipMoved' && event.data['from'] === 'db1'),
    {
      event: { pair: 'orders', host: 'db2', severity: 'warning' },
    },
  );
  t.match(await first.next('pairs', ({ pairs }) => pairs[0]?.primary === 'db2'), {
    pairs: [{ name: 'orders', grade: 'critical' }],
  });
  await first.next('pair', ({ pair }) => pair.vipHolder === 'db2');
  for (const message of first.messages) t.ok(fits(LiveMessageSchema, message), message.type);
  const again = openConsole(url, { type: 'hello', sinceEvent: ready.lastEvent }, [
    'hotpair.live',
    `bearer.${tokens.viewer}`,
  ]);
  await again.next('event', ({ event }) => event.kind === 'VipMoved');
  t.equal(again.socket.protocol, 'hotpair.live', 'the token is not told back');
  await stop();
  await Promise.all([first.closed, again.closed]);
});

test('an event whose length is known better by a decision is told again', async (t) => {
  const { url, agents, tokens, store } = await serveApi(t);
  const one = openConsole(url, { type: 'hello', token: tokens.viewer });
  await one.next('ready');
  const now = Date.now();
  const told = { began: { at: now - 2000, by: 'heartbeat' }, ended: { at: now - 100, by: 'guard' } };
  const { id } = store.events.append({
    ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'moved.', time: now },
    data: { from: 'db1', to: 'db2', gapMs: 1900, gapFrom: 'heartbeats', told },
  });
  await one.next('event', ({ event }) => event.id === id && event.data['gapFrom'] === 'heartbeats');
  agents.decided('db1', [
    decisionOf('9-1', { at: now - 700, row: 'P1', from: 'PRIMARY_SYNC', to: 'FENCED' }),
  ]);
  const voting = makeVoting(true, { decision: '9-1' });
  agents.say('db1', (time) => makeHeartbeat('db1', { time, guard: { voting } }));
  const { event } = await one.next('event', ({ event }) => event.data['gapFrom'] === 'guards');
  t.match(event, { id, message: /^moved; nobody had it for \d+ ms\.$/ });
});

test('nothing is told to who shows no token that counts, or talks nonsense', async (t) => {
  const { url, tokens, store } = await serveApi(t);
  const refused = async (hello: object, code: string): Promise<void> => {
    const { next, closed, messages } = openConsole(url, hello);
    t.match(await next('bye'), { problem: { code } });
    t.equal(await closed, 1008);
    t.equal(messages.length, 1);
  };
  await refused({ type: 'hello' }, 'UNAUTHENTICATED');
  await refused({ type: 'hello', token: `${tokens.viewer}x` }, 'UNAUTHENTICATED');
  await refused({ type: 'watch', pair: 'orders' }, 'UNAUTHENTICATED');
  await refused({ type: 'watch' }, 'INVALID_PARAMS');
  const { next, closed, socket } = openConsole(url, { type: 'hello', token: tokens.operator });
  await next('ready');
  socket.send(JSON.stringify({ type: 'watch', pair: 'nowhere' }));
  t.match(await next('bye'), { problem: { code: 'NOT_FOUND' } });
  await closed;
  const revoked = openConsole(url, { type: 'hello', token: tokens.viewer });
  await revoked.next('ready');
  store.tokens.revoke('vera');
  t.equal(await revoked.closed, 1008, 'the token counts no more');
});
