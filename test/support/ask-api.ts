/** One request from the network that it is run in: METHOD URL BODY, the token in TOKEN; prints the answer's body. */

import process from 'node:process';

const [method = 'GET', url = '', body = ''] = process.argv.slice(2);
const answer = await fetch(url, {
  method,
  headers: {
    authorization: `Bearer ${process.env['TOKEN'] ?? ''}`,
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  },
  ...(body === '' ? {} : { body }),
});
process.stdout.write(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
