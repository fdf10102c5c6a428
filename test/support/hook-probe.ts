/** A receiver of webhooks on 127.0.0.1:PORT that prints what it gets, one JSON document a line. For tests in a lab only. */

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const [port = '0'] = process.argv.slice(2);
const server = createServer((request, response) => {
  void text(request).then((body) => {
    console.log(body);
    response.writeHead(204).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
