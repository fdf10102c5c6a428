/**
 * A door from this machine's loopback to a port of 127.0.0.1 inside a network namespace of the lab, for a browser that
 * runs outside of it: a socket file is seen from both sides.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab/lab.ts';

const PROGRAM = fileURLToPath(new URL('./door-process.ts', import.meta.url));

export interface Door extends AsyncDisposable {
  /** http://127.0.0.1:PORT of this side. */
  readonly url: string;
}

/** `port`: on 127.0.0.1 of the operator's network. */
export async function openDoor(lab: Lab, port: number): Promise<Door> {
  const path = join(lab.directory, `door-${port}`);
  const [file = '', ...rest] = [...lab.operatorArgv, process.execPath, PROGRAM, path, String(port)];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`the door to port ${port} ended with ${code}`))),
  ]);
  const done = (): void => undefined;
  const server = createServer((near) => {
    const far = connect(path);
    pipeline(near, far, done);
    pipeline(far, near, done);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
