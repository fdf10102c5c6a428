import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { startFakeAgents } from '../../support/fake-agents.ts';
import { runCli } from '../../support/run-cli.ts';

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));

test('a token is told once, listed without its secret, and revoked', async (t) => {
  const dir = t.testdir();
  await using agents = await startFakeAgents(dir);
  const run = (...args: string[]) => runCli([...args, '--config', agents.specFile], { cwd: dir, main: MAIN });
  const made = await run('token', 'create', 'anna', '--role', 'operator', '--expires', '1d');
  const text = made.stdout.trim();
  t.match(text, /^hp1_[A-Za-z0-9_-]{43}$/, 'the token and nothing else');
  const listed = await run('token', 'list', '--json');
  t.match(JSON.parse(listed.stdout), { tokens: [{ name: 'anna', role: 'operator', revoked: null }] });
  t.notMatch(listed.stdout, text.slice(4));
  t.equal((await run('token', 'create', 'anna')).code, 3, 'there is one of this name');
  t.equal((await run('token', 'create', 'bert', '--role', 'king')).code, 2);
  t.equal((await run('token', 'revoke', 'anna')).code, 0);
  t.equal((await run('token', 'revoke', 'anna')).code, 2, 'there is none any more');
  const store = openStore(agents.data);
  t.teardown(() => store.close());
  t.match(store.tokens.find(text), { name: 'anna', revoked: Number });
  t.match(
    store.audit.page(10).map(({ action, target, source }) => `${source} ${action} ${target}`),
    ['cli token revoke anna', 'cli token create anna'],
  );
  t.match(store.audit.verify(), { ok: true, entries: 2 });
});

test('an audit trail that somebody changed is found out', async (t) => {
  const dir = t.testdir();
  const store = openStore(dir);
  t.teardown(() => store.close());
  const about = { actor: 'anna', source: 'rest', target: 'orders', outcome: 'accepted' } as const;
  for (const action of ['drill', 'switchover', 'report']) store.audit.append({ ...about, action });
  t.match(store.audit.verify(), { ok: true, entries: 3, broken: null });
  const { DatabaseSync } = await import('node:sqlite');
  const change = (sql: string): void => {
    const database = new DatabaseSync(`${dir}/hotpair.db`);
    database.exec(sql);
    database.close();
  };
  change("UPDATE audit SET actor = 'bert' WHERE id = 2");
  t.match(store.audit.verify(), { ok: false, broken: 2 });
  change("UPDATE audit SET actor = 'anna' WHERE id = 2");
  t.match(store.audit.verify(), { ok: true });
  change('DELETE FROM audit WHERE id = 2');
  t.match(store.audit.verify(), { ok: false, broken: 3 }, 'one is taken out');
});
