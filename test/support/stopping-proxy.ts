/**
 * Stands between a client and its server on a unix socket, and stops the server at the very moment when it is asked
 * something: the words are passed on to a process that stands still.
 */

import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';

export interface StoppingProxy {
  /** The next packet with these words in it finds the server stopped; `gaveUp` is called when its client goes away. */
  stopAt(words: string, pid: number, gaveUp: () => void): void;
}

/** Listens at `path` for as long as the process lives. */
export function startStoppingProxy(path: string, server: string): StoppingProxy {
  rmSync(path, { force: true });
  let armed: { words: string; pid: number; gaveUp: () => void } | undefined;
  const listener: Server = createServer((client) => {
    const behind = connect(server);
    client.on('data', (packet) => {
      if (armed !== undefined && packet.includes(armed.words)) {
        process.kill(armed.pid, 'SIGSTOP');
        client.once('close', armed.gaveUp);
        armed = undefined;
      }
      behind.write(packet);
    });
    behind.pipe(client);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const)
      one.on('error', () => undefined).once('close', () => other.destroy());
  });
  listener.listen(path);
  return {
    stopAt: (words, pid, gaveUp) => {
      armed = { words, pid, gaveUp };
    },
  };
}
