// A client that asks through the VIP: one refusal is no verdict, because a failover refuses for a moment, too.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'tap';
import { askThroughVip } from '../../../coordinator/choreography/through-vip.ts';
import { makePair } from '../../support/make-pair.ts';

/** A port of this machine that nobody listens on, and a server that begins to when it is told. */
async function closedDoor() {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const close = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  await close();
  return { port, close, open: () => listen(port), knocks: () => knocks };
}

function optionsFor(port: number) {
  const pair = makePair();
  return {
    pair: { ...pair, vip: '127.0.0.1', database: { ...pair.database, port } },
    ...{ password: 'x', ca: '', write: true, timeoutMs: 1000 },
  };
}

test('what refuses for as long as clients are patient is an answer', async (t) => {
  const door = await closedDoor();
  const answer = await askThroughVip(optionsFor(door.port), 0);
  t.match(answer, { answers: false, error: /ECONNREFUSED/ });
  t.equal(door.knocks(), 0);
});

test('what refuses for a moment is asked again', async (t) => {
  const door = await closedDoor();
  const asked = askThroughVip(optionsFor(door.port), 1500);
  await door.open();
  await asked;
  await door.close();
  t.ok(door.knocks() > 1, `${door.knocks()} times`);
});
