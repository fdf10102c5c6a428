/** Runs inside a network namespace: passes every connection to the socket SOCKET on to 127.0.0.1:PORT there. */

import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [path = '', port = '0'] = process.argv.slice(2);
const server = createServer((near) => {
  const far = connect(Number(port), '127.0.0.1');
  const done = (): void => undefined; // An end that is cut ends the other one, which is all that there is to do.
  pipeline(near, far, done);
  pipeline(far, near, done);
});
server.listen(path, () => console.log('ready'));
