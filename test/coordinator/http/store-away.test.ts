// The daemon goes on when its store is damaged under it: who asks is told 503 once, and a new store is begun.
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { serveApi } from '../../support/serve-api.ts';

const PAGE = 4096;

/** Puts everything into the file itself, and makes rubbish of all but its first page. */
function damage(file: string): void {
  const handle = new DatabaseSync(file);
  handle.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  handle.close();
  const open = openSync(file, 'r+');
  const rubbish = Buffer.alloc(statSync(file).size - PAGE, 0xa5);
  writeSync(open, rubbish, 0, rubbish.length, PAGE);
  closeSync(open);
}

test('a store that is damaged under the daemon is replaced, and the daemon serves on', async (t) => {
  const { agents, store, ask } = await serveApi(t);
  for (let n = 0; n < 600; n += 1)
    store.events.append({ pair: 'orders', kind: 'VipMissing', message: `${n} ${'x'.repeat(8000)}` });
  damage(join(agents.data, 'hotpair.db'));
  const answers: { status: number; json: unknown }[] = [];
  // The tokens were in the damaged store, so that in the end the daemon knows none.
  await waitFor(
    'the new store',
    async () => {
      const { status, json } = await ask('/v1/events?limit=1000');
      answers.push({ status, json });
      return status === 401 ? true : undefined;
    },
    { deadlineMs: 20_000, intervalMs: 20 },
  );
  t.ok(
    answers.every(({ status }) => [200, 401, 503].includes(status)),
    `${answers.map(({ status }) => status)}`,
  );
  for (const { json } of answers.filter(({ status }) => status === 503))
    t.match(json, { code: 'STORE_UNAVAILABLE', status: 503, detail: /hotpair\.db cannot be used: / });
  t.equal(readdirSync(agents.data).filter((name) => /\.broken-\S+Z$/.test(name)).length, 1);
  const fresh = openStore(agents.data, (sentence) => t.fail(sentence));
  t.teardown(() => fresh.close());
  const token = fresh.tokens.create('anna', 'admin', null);
  const again = await ask('/v1/events', { role: null, headers: { authorization: `Bearer ${token}` } });
  t.equal(again.status, 200);
  t.match(again.json, { events: [{ kind: 'StoreReplaced' }] });
  const pairs = await ask('/v1/pairs', { role: null, headers: { authorization: `Bearer ${token}` } });
  t.match(pairs.json, [{ name: 'orders', primary: 'db1' }], 'the pair is watched as before');
});
