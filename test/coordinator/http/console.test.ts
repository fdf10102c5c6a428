import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'tap';
import { CONSOLE_FOLDER } from '../../../install/build-console.ts';
import { serveApi } from '../../support/serve-api.ts';

const MOST_BYTES = 100_000;

test('the daemon serves the console to anybody, made of its sources, and runs nothing but its files', async (t) => {
  const { ask } = await serveApi(t);
  const page = await ask('/', { role: null });
  t.equal(page.status, 200);
  t.match(page.headers.get('content-type'), 'text/html');
  t.match(
    page.headers.get('content-security-policy'),
    /default-src 'none'; script-src 'self'; style-src 'self'/,
  );
  t.notMatch(page.text, /<style|style="|<script>|https?:/, 'nothing inline, nothing from elsewhere');
  for (const [, path = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const file = await ask(path, { role: null });
    t.equal(file.status, 200, path);
    t.equal(file.headers.get('content-encoding'), 'gzip', path);
  }
  t.match((await ask('/console/none.js', { role: null })).json, { code: 'NOT_FOUND' });
  t.equal((await ask('/console/..%2frecord.json', { role: null })).status, 404);
});

test('the console stays small', async (t) => {
  const { ask } = await serveApi(t);
  await ask('/', { role: null });
  const names = await readdir(join(CONSOLE_FOLDER, 'assets'));
  const sizes = await Promise.all(
    names.map(async (name) => gzipSync(await readFile(join(CONSOLE_FOLDER, 'assets', name))).length),
  );
  t.ok(sizes.reduce((sum, size) => sum + size, 0) < MOST_BYTES, `${sizes} bytes`);
});
