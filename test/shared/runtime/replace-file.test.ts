import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { replaceFile } from '../../../shared/runtime/replace-file.ts';

test('a file is replaced with exactly the mode that was asked for, whatever it had and whatever the umask', async (t) => {
  const folder = t.testdir({ key: 'old' });
  const path = join(folder, 'key');
  await chmod(path, 0o666);
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  await replaceFile(path, 'new', 0o644);
  t.equal(await readFile(path, 'utf8'), 'new');
  t.equal((await stat(path)).mode & 0o777, 0o644);
  await replaceFile(path, Buffer.from([1, 2]), 0o600);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.same(await readdir(folder), ['key'], 'no temporary file stays');
});

test('where it cannot be replaced the old one stays, and no temporary file', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'busy'));
  await writeFile(join(folder, 'busy/x'), '');
  await t.rejects(replaceFile(join(folder, 'busy'), 'new', 0o600));
  t.same(await readdir(folder), ['busy']);
  await t.rejects(replaceFile(join(folder, 'missing/file'), 'new', 0o600), { code: 'ENOENT' });
});
