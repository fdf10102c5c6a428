/**
 * A process in a host's network that does what it is told, one JSON line each on standard input and output: it owns a
 * fence, listens on a port, and keeps connections to say something over. For tests only.
 */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { closeFenceOnce, Fence, removeFence } from '../../agent/guard/fence/fence.ts';
import { createLogger } from '../../shared/runtime/logger.ts';

/** What became of a word said over a connection. */
export type Reply = 'echo' | 'silence' | 'closed';

const PORT = 3306;
const connections = new Map<string, Socket>();
let fence: Fence | undefined;

function owned(): Fence {
  if (fence === undefined) throw new Error('there is no fence: start one');
  return fence;
}

const CALLS = {
  start: async (place: { vip: string; address: string; peerAddress: string }): Promise<boolean> => {
    fence = new Fence({ ...place, port: PORT, interface: 'eth0', log: createLogger('fence', 'warn') });
    await fence.start();
    return fence.ackPathOpen;
  },
  open: ({ ms }: { ms: number }): void => owned().open(performance.now() + ms),
  announce: ({ ms }: { ms: number }): Promise<void> => owned().announce(performance.now() + ms),
  standbyReads: ({ ms }: { ms: number }): void => owned().standbyReads(performance.now() + ms),
  /** Opens ten times a second, for so long. */
  keepOpen: async ({ leaseMs, forMs }: { leaseMs: number; forMs: number }): Promise<void> => {
    const end = performance.now() + forMs;
    while (performance.now() < end) {
      owned().open(performance.now() + leaseMs);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  close: (): Promise<void> => owned().close(),
  ackPath: async ({ open }: { open: boolean }): Promise<boolean> => {
    await owned().ackPath(open);
    return owned().ackPathOpen;
  },
  resetSessions: (): Promise<void> => owned().resetSessions(),
  endStream: (): Promise<void> => owned().endStream(),
  closeOnce: (): Promise<void> => closeFenceOnce(),
  remove: (): Promise<void> => removeFence(),

  listen: async (): Promise<void> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).pipe(socket);
    });
    await once(server.listen(PORT, '0.0.0.0'), 'listening');
  },
  /** Connects, and keeps the connection under `name`. */
  connect: async ({ name, to, ms }: { name: string; to: string; ms: number }): Promise<string> => {
    const socket = connect({ host: to, port: PORT });
    const outcome = await Promise.race([
      once(socket, 'connect').then(
        () => 'connected',
        (error: NodeJS.ErrnoException) => error.code ?? 'failed',
      ),
      new Promise<string>((resolve) => setTimeout(resolve, ms, 'silence')),
    ]);
    socket.on('error', () => undefined);
    if (outcome === 'connected') connections.set(name, socket);
    else socket.destroy();
    return outcome;
  },
  /** Says a word, or only listens, and tells what came back within `ms`. */
  talk: async ({ name, say, ms }: { name: string; say: boolean; ms: number }): Promise<Reply> => {
    const socket = connections.get(name);
    if (socket === undefined || socket.destroyed) return 'closed';
    const events = new AbortController();
    const { signal } = events;
    const heard = Promise.race<Reply>([
      once(socket, 'data', { signal }).then(
        () => 'echo',
        () => 'closed',
      ),
      once(socket, 'close', { signal }).then(
        () => 'closed',
        () => 'closed',
      ),
      new Promise<Reply>((resolve) => setTimeout(resolve, ms, 'silence')),
    ]);
    if (say) socket.write('x');
    const reply = await heard;
    events.abort();
    return reply;
  },
};

export type ProbeCalls = typeof CALLS;

for await (const line of createInterface({ input: process.stdin })) {
  const { call, params } = JSON.parse(line) as { call: keyof ProbeCalls; params: never };
  const started = performance.now();
  let answer: Record<string, unknown>;
  try {
    answer = { value: (await CALLS[call](params)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify({ ...answer, ms: performance.now() - started })}\n`);
}
process.exit(0);
