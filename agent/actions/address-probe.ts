/**
 * address-probe: who in the network answers for an address. The kernel itself is made to ask: its neighbour entry is
 * forgotten, one empty datagram is sent, and the entry then holds the hardware address of who answered. Needs no
 * package on the host.
 */

import { createSocket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { AppError } from '../../shared/errors/app-error.ts';
import type { AddressProbeFacts } from '../../shared/model/action-facts.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { readAddresses } from '../host/addresses.ts';
import type { Host } from '../host/host.ts';
import { parseNeighbour } from '../parse/ip-neighbour.ts';
import { defineAction } from './action.ts';

/** One request can be lost: it is asked this often, and each time waited this long (answers take a few milliseconds). */
const ROUNDS = 3;
const ROUND_MS = 250;
/** "discard": nobody acts on it. */
const DISCARD_PORT = 9;

export const addressProbe = defineAction<'address-probe', AddressProbeFacts>({
  resources: (params) => [`neighbour:${params.address}`],
  async check(host, { address, interface: name }) {
    if (!isIPv4(address)) throw new AppError('INVALID_PARAMS', `${address} is not an IPv4 address.`);
    const addresses = await readAddresses(host.signal);
    if (!addresses.some((entry) => entry.interface === name))
      throw new AppError('NOT_FOUND', `The host has no interface ${name} with an address.`);
    if (addresses.some((entry) => entry.address === address))
      return { address, interface: name, answered: true, mac: null, own: true, method: 'local' };
    const mac = await askNetwork(host, address, name);
    return { address, interface: name, answered: mac !== null, mac, own: false, method: 'neighbour' };
  },
  facts: (facts) => facts,
});

async function askNetwork(host: Host, address: string, name: string): Promise<string | null> {
  for (let round = 0; round < ROUNDS; round++) {
    const mac = await askOnce(host, address, name);
    if (mac !== null) return mac;
  }
  return null;
}

async function askOnce(host: Host, address: string, name: string): Promise<string | null> {
  const options = { timeoutMs: 5000, check: false };
  await host.run(['ip', 'neigh', 'flush', 'to', address, 'dev', name], options);
  await sendNothing(address);
  const end = performance.now() + ROUND_MS;
  return await waitFor(
    `an answer for ${address}`,
    async () => {
      const shown = await host.run(['ip', 'neigh', 'show', 'to', address, 'dev', name], options);
      const neighbour = parseNeighbour(shown.stdout);
      if (neighbour.mac !== null) return neighbour.mac;
      return neighbour.failed || performance.now() >= end ? null : undefined;
    },
    { deadlineMs: 10 * ROUND_MS, intervalMs: 25, signal: host.signal },
  );
}

function sendNothing(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    // No route, or a refusal by the other side: the neighbour table tells what is to be known.
    const done = (): void => {
      socket.close(() => resolve());
    };
    socket.once('error', done);
    socket.send(Buffer.alloc(0), DISCARD_PORT, address, () => {
      socket.removeListener('error', done);
      done();
    });
  });
}
