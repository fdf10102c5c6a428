import { type AddressInfo, createServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { test } from 'tap';
import type { VoterLinksOptions } from '../../../agent/guard/voter-links/voter-links.ts';
import { createGate } from '../../../coordinator/agents/gate.ts';
import { type KeyedCertificate, makeLeaf } from '../../../coordinator/agents/issue-certificate.ts';
import { encodeLine, WIRE_VERSION } from '../../../shared/pair/wire.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { CuttableLine, freePort } from '../../support/cuttable-line.ts';
import {
  beat,
  type Guard,
  type Identities,
  type LogLines,
  makeGuard,
  makeIdentities,
  makeWitness,
  query,
  stateOf,
} from '../../support/voters.ts';

const identities = await makeIdentities();
const WAIT = { deadlineMs: 10_000, intervalMs: 10 };

const until = (what: string, holds: () => boolean): Promise<true> =>
  waitFor(what, () => (holds() ? true : undefined), WAIT);
const told = ({ lines }: LogLines, words: RegExp): boolean =>
  lines.some(({ reason }) => reason !== undefined && words.test(reason));

/** Guards A and B, each dialling the other directly; both have started. */
async function twoGuards(
  differing: { A?: Partial<VoterLinksOptions>; B?: Partial<VoterLinksOptions> } = {},
): Promise<{ a: Guard; b: Guard; ports: { A: number; B: number } } & Disposable> {
  const ports = { A: await freePort(), B: await freePort() };
  const a = makeGuard('A', { own: ports.A, peer: ports.B }, identities, differing.A);
  const b = makeGuard('B', { own: ports.B, peer: ports.A }, identities, differing.B);
  await Promise.all([a.links.start(), b.links.start()]);
  const stop = (): void => {
    a.links.stop();
    b.links.stop();
  };
  return { a, b, ports, [Symbol.dispose]: stop };
}

test('two guards and a witness hear each other, and know from whom', async (t) => {
  using guards = await twoGuards();
  const { a, b, ports } = guards;
  t.equal(a.links.send('B', beat(0)), false, 'nothing can be sent before there is a link');
  using witness = makeWitness('A', ports.A, identities);
  witness.dialer.start();
  await until('all links', () => Object.keys(a.links.up).length === 2 && b.links.up.A !== undefined);
  t.match(a.links.up, { B: Number, W: Number });
  t.ok(a.changes >= 2 && b.changes >= 1);

  t.ok(a.links.send('B', beat(1)) && a.links.send('B', beat(2)) && b.links.send('A', query('B')));
  const ask = { kind: 'found-ask' as const, by: 'A' as const, stamp: { boot: 1, seq: 1 } };
  t.ok(a.links.send('B', ask) && a.links.send('W', query('A')));
  t.equal(b.links.send('W', beat(1)), false, 'the witness has not dialled B');
  await until('all messages', () => b.founding.length + a.heard.length + witness.heard.length === 3);
  t.same(b.heard, [
    { from: 'A', message: beat(1) },
    { from: 'A', message: beat(2) },
  ]);
  t.same(a.heard, [{ from: 'B', message: query('B') }]);
  t.same(b.founding, [ask]);
  t.same(witness.heard, [query('A')]);
  t.ok(witness.dialer.send(stateOf('W')));
  await until('the answer', () => a.heard.length === 2);
  t.same(a.heard[1], { from: 'W', message: stateOf('W') });

  witness.dialer.stop();
  await until('the witness to be missed', () => a.links.up.W === undefined);
  t.equal(a.links.send('W', query('A')), false);
  t.ok(a.links.up.B !== undefined);
});

test('a link with nothing to say stays up', async (t) => {
  using guards = await twoGuards();
  const { a, b, ports } = guards;
  using witness = makeWitness('B', ports.B, identities);
  witness.dialer.start();
  await until('all links', () => Object.keys(b.links.up).length === 2 && a.links.up.B !== undefined);
  const changes = a.changes + b.changes;
  // Longer than any silence that ends a link.
  await new Promise((resolve) => setTimeout(resolve, 2600));
  t.equal(a.changes + b.changes, changes);
});

test('who only listens confirms what it hears', async (t) => {
  using guards = await twoGuards();
  const { a, b } = guards;
  await until('the link', () => a.links.up.B !== undefined);
  const since = a.links.up.B;
  let seq = 0;
  // For longer than what was sent may go unconfirmed.
  const speaking = setInterval(() => a.links.send('B', beat(++seq)), 50);
  await until('a second of beats', () => b.heard.length >= 20);
  clearInterval(speaking);
  t.equal(a.links.up.B, since, 'it is the same link all the time');
});

test('dialers behind a gate take their turns', async (t) => {
  const ports = { A: await freePort(), B: await freePort() };
  using guard = makeGuard('A', { own: ports.A, peer: ports.B }, identities);
  await guard.links.start();
  const dumb = createServer();
  await new Promise<void>((resolve) => dumb.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an AddressInfo.
  const { port } = dumb.address() as AddressInfo;
  const gate = createGate(1);
  using first = makeWitness('A', port, identities, { gate });
  using second = makeWitness('A', ports.A, identities, { gate });
  const met = new Promise((resolve) => dumb.once('connection', resolve));
  first.dialer.start();
  second.dialer.start();
  await met;
  t.equal(second.dialer.upSince, undefined, 'the first one is in its handshake, which nobody answers');
  await until('the second', () => second.dialer.upSince !== undefined);
  t.match(first.lines, [{ reason: /no handshake within/ }]);

  second.dialer.stop();
  using third = makeWitness('A', ports.A, identities, { gate });
  const again = new Promise((resolve) => dumb.once('connection', resolve));
  await again;
  third.dialer.start();
  first.dialer.stop();
  await until('the third', () => third.dialer.upSince !== undefined);
  dumb.close();
});

test('a cut line is noticed, given up, and has a link again soon after it is mended', async (t) => {
  const ports = { A: await freePort(), B: await freePort() };
  await using line = await CuttableLine.to(ports.B);
  using a = makeGuard('A', { own: ports.A, peer: line.port }, identities);
  using b = makeGuard('B', { own: ports.B, peer: ports.A }, identities);
  await Promise.all([a.links.start(), b.links.start()]);
  await until('the link', () => a.links.up.B !== undefined);
  for (const round of [1, 2]) {
    line.cut();
    const cutAt = performance.now();
    let seq = 0;
    await until('the cut to be noticed', () => !a.links.send('B', beat(++seq)));
    const noticedMs = performance.now() - cutAt;
    t.equal(a.links.up.B, undefined);
    await new Promise((resolve) => setTimeout(resolve, 700));
    t.equal(a.links.send('B', beat(0)), false);
    const count = b.heard.length;
    line.mend();
    const mendedAt = performance.now();
    await until('the link', () => a.links.send('B', beat(1000 * round)));
    const linkedMs = performance.now() - mendedAt;
    await until('the message', () => b.heard.length === count + 1);
    t.same(b.heard.at(-1), { from: 'A', message: beat(1000 * round) });
    t.comment(`noticed after ${noticedMs.toFixed(0)} ms, linked again after ${linkedMs.toFixed(0)} ms`);
  }
  t.ok(told(a, /nothing was heard for 500 ms/));
});

test('a guard that starts again is dialled again, and its new connection replaces the old', async (t) => {
  using guards = await twoGuards();
  const { a, b, ports } = guards;
  await until('both links', () => a.links.up.B !== undefined && b.links.up.A !== undefined);
  b.links.stop();
  await until('the loss', () => a.links.up.B === undefined);
  using again = makeGuard('B', { own: ports.B, peer: ports.A }, identities);
  await again.links.start();
  await until('both links again', () => a.links.up.B !== undefined && again.links.up.A !== undefined);
  const hello = encodeLine({ kind: 'hello', protocol: WIRE_VERSION, pair: 'orders', from: 'B' });
  const twin = await dialRaw(ports.A, identities.B);
  twin.resume();
  twin.write(hello + encodeLine(beat(5)));
  await until('the message of the newest', () => a.heard.some(({ from }) => from === 'B'));
  t.same(a.heard, [{ from: 'B', message: beat(5) }]);
  await until('the other to come back', () => twin.closed || twin.destroyed || twin.readableEnded);
  await until('its messages', () => again.links.send('A', beat(6)) && a.heard.length > 1);
});

test('a connection that is reset in its handshake is no refusal', async (t) => {
  let tries = 0;
  const dying = createServer((socket) => {
    tries += 1;
    // What a client has begun to say is left unread.
    socket.once('data', () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => dying.listen(0, '127.0.0.1', resolve));
  t.teardown(() => dying.close());
  // A server that listens on TCP has an AddressInfo.
  const { port } = dying.address() as AddressInfo;
  using witness = makeWitness('A', port, identities);
  witness.dialer.start();
  // One that was refused would have been at its second try by then.
  await waitFor('more tries', () => (tries >= 5 ? true : undefined), { deadlineMs: 3_500, intervalMs: 10 });
  t.ok(told(witness, /ECONNRESET|disconnected/));
});

test('a port that is still taken is tried for until it is free', async (t) => {
  const ports = { A: await freePort(), B: await freePort() };
  using before = makeGuard('A', { own: ports.A, peer: ports.B }, identities);
  await before.links.start();
  using after = makeGuard('A', { own: ports.A, peer: ports.B }, identities);
  await after.links.start();
  t.match(after.lines, [{ reason: /EADDRINUSE/ }]);
  using b = makeGuard('B', { own: ports.B, peer: ports.A }, identities);
  await b.links.start();
  await until('the first', () => b.links.up.A !== undefined);
  before.links.stop();
  await until('the second', () => b.links.send('A', beat(3)) && after.heard.length > 0);
});

test('a link that does not drain is dropped, not queued on', async (t) => {
  using guards = await twoGuards();
  const { a } = guards;
  await until('the link', () => a.links.up.B !== undefined);
  let sent = 0;
  while (a.links.send('B', beat(sent)) && sent < 1_000_000) sent++;
  t.ok(sent < 1_000_000, `${sent} messages in one turn of the loop`);
  t.equal(a.links.up.B, undefined);
  await until('a new link', () => a.links.send('B', beat(0)));
});

test('pairs, nodes and authorities that do not belong together never talk, and say why', async (t) => {
  const strangers = await makeIdentities();
  const peer = { address: '127.0.0.1', name: 'db9' };
  const cases: Record<string, { A: Partial<VoterLinksOptions>; reason: RegExp }> = {
    'another pair': { A: { pair: 'billing' }, reason: /pair orders was met by one of the pair billing/ },
    'another authority': {
      A: { identity: { ca: strangers.ca, ...strangers.A } },
      reason: /certificate|unknown ca|self.signed/i,
    },
    'a host that is not the peer': {
      A: { identity: { ca: identities.ca, ...(await leafOf(identities, 'db7')) } },
      reason: /db7/,
    },
    'both call themselves B': { A: { own: 'B' }, reason: /By its certificate it is ., by its own word/ },
  };
  for (const [name, { A, reason }] of Object.entries(cases)) {
    using guards = await twoGuards({ A });
    const { a, b } = guards;
    await until(`${name} to be refused`, () => told(a, /./) && told(b, reason));
    t.same([a.links.up, b.links.up], [{}, {}], name);
    t.same([a.heard, b.heard], [[], []], name);
  }
  const port = await freePort();
  using wrong = makeGuard('A', { own: await freePort(), peer: port }, identities, {
    peer: { ...peer, port },
  });
  using b = makeGuard('B', { own: port, peer: await freePort() }, identities);
  await Promise.all([wrong.links.start(), b.links.start()]);
  await until('the wrong name', () => told(wrong, /the certificate is that of db2, not of db9/));
  t.same(wrong.links.up, {});
  const named = { ...peer, name: 'coordinator', port };
  t.throws(() => makeGuard('A', { own: 1, peer: 1 }, identities, { peer: named }), {
    code: 'CONFIG_INVALID',
  });
  const unsound = { ca: identities.ca, cert: identities.A.cert, key: identities.B.key };
  t.throws(() => makeGuard('A', { own: 1, peer: 1 }, identities, { identity: unsound }), {
    code: 'CERTIFICATE_REJECTED',
  });
});

const leafOf = (of: Identities, name: string) =>
  makeLeaf(of.authority, { commonName: name, address: '127.0.0.1', use: 'both' });

test('what does not keep to the protocol is told so and closed', async (t) => {
  const port = await freePort();
  using b = makeGuard('B', { own: port, peer: await freePort() }, identities);
  await b.links.start();
  const hello = encodeLine({ kind: 'hello', protocol: WIRE_VERSION, pair: 'orders', from: 'A' });
  const cases: Record<string, { lines: string[]; says: RegExp }> = {
    'no hello': { lines: [encodeLine(beat(1))], says: /before the hello/ },
    'two hellos': { lines: [hello, hello], says: /second hello/ },
    'another version': {
      lines: [hello.replace(`${WIRE_VERSION}`, '99')],
      says: /protocol 1 and 99 do not understand each other/,
    },
    'no JSON': { lines: [hello, 'GET / HTTP/1.1\r\n'], says: /not JSON/ },
    'an endless line': { lines: [hello, 'x'.repeat(10_000)], says: /longer than 4096/ },
    "another's name": { lines: [hello, encodeLine(query('B'))], says: /not its own/ },
    'a witness in the name of a node': { lines: [hello, encodeLine(stateOf('W'))], says: /not its own/ },
    'numbers that are none': {
      lines: [hello, encodeLine(beat(1)).replace('"seq":1', '"seq":0.5')],
      says: /message\.stamp\.seq is no whole number/,
    },
  };
  for (const [name, { lines, says }] of Object.entries(cases)) {
    const socket = await dialRaw(port);
    for (const line of lines) socket.write(line);
    t.match(await answerOf(socket), { kind: 'bye', reason: says }, name);
    t.same(b.heard, [], name);
  }
  const silent = await dialRaw(port);
  t.match(await answerOf(silent), { kind: 'hello' }, 'who says nothing is closed without a word');
});

async function dialRaw(port: number, identity: KeyedCertificate = identities.A): Promise<TLSSocket> {
  const socket = connect({
    ...{ host: '127.0.0.1', port, ca: identities.ca, ...identity, minVersion: 'TLSv1.3' },
    checkServerIdentity: () => undefined,
  });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

/** The last line that is said before the connection is closed. */
async function answerOf(socket: TLSSocket): Promise<unknown> {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? 'null');
}
