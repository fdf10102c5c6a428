/** A process of its own for the tests of the store: appends COUNT events to the store in DIR and tells the ids it was given. */

import { openStore } from '../../coordinator/store/open-store.ts';

const [dir = '', name = '', count = '0'] = process.argv.slice(2);
const store = openStore(dir);
const ids = Array.from({ length: Number(count) }, (_, n) => {
  return store.events.append({ pair: name, kind: 'DaemonStarted', message: `${name} ${n}`, data: { n } }).id;
});
store.close();
process.stdout.write(JSON.stringify(ids));
