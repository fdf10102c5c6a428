// A store that cannot be used: damaged in every way that a disk or a person knows, full, or not ours. It is set aside or
// refused with a clear sentence, and the next start finds a sound one.
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { openStore, type Store } from '../../../coordinator/store/open-store.ts';

const PAGE = 4096;
const DISK = fileURLToPath(new URL('../../support/full-disk.ts', import.meta.url));
const root = process.getuid?.() === 0 ? false : 'only root can mount a disk of its own';

type Damage = (file: number, size: number) => void;
const rubbish = (pages: number): Buffer => Buffer.alloc(pages * PAGE, 0xa5);
const HEADER = 'an overwritten header';
const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut off in the middle': (file, size) => ftruncateSync(file, Math.floor(size / 2)),
  'cut off within a page': (file) => ftruncateSync(file, 5000),
  [HEADER]: (file) => writeSync(file, rubbish(1), 0, 100, 0),
  'an overwritten page in the middle': (file, size) =>
    writeSync(file, rubbish(1), 0, PAGE, Math.floor(size / PAGE / 2) * PAGE),
};

/** More than a process keeps of it in memory. */
function fill(store: Store): void {
  const message = 'x'.repeat(8000);
  for (let n = 0; n < 600; n += 1)
    store.events.append({ pair: 'orders', kind: 'VipMissing', message: `${n} ${message}` });
}

function damage(dir: string, work: Damage): void {
  const path = join(dir, 'hotpair.db');
  const file = openSync(path, 'r+');
  work(file, statSync(path).size);
  closeSync(file);
}

const aside = (dir: string): string[] => readdirSync(dir).filter((name) => /\.broken-[^.]*$/.test(name));
const never = (sentence: string): never => {
  throw new Error(`unexpected: ${sentence}`);
};

function assertBegunAnew(t: Test, dir: string, store: Store, warnings: readonly string[]): void {
  t.match(warnings, [/The store was damaged: it is kept as hotpair\.db\.broken-\S+ in /]);
  t.equal(warnings.length, 1);
  t.equal(aside(dir).length, 1, 'the old file is kept');
  t.match(store.events.list(), [{ kind: 'StoreReplaced', message: warnings[0] }]);
  store.events.append({ pair: 'orders', kind: 'VipMissing', message: 'after it' });
  store.close();
  const next = openStore(dir, never);
  t.equal(next.events.list().length, 2, 'and the next start finds it sound');
  next.close();
}

for (const [what, work] of Object.entries(DAMAGES)) {
  test(`${what}, found at the start`, async (t) => {
    const dir = t.testdir();
    const first = openStore(dir, never);
    fill(first);
    first.close();
    damage(dir, work);
    const warnings: string[] = [];
    assertBegunAnew(
      t,
      dir,
      openStore(dir, (words) => warnings.push(words)),
      warnings,
    );
  });

  // The header is not read again as long as the file is open.
  if (what === HEADER) continue;
  test(`${what}, found while the daemon runs`, async (t) => {
    const dir = t.testdir();
    const warnings: string[] = [];
    openStore(dir, never).close();
    const filler = openStore(dir, never);
    fill(filler);
    filler.close(); // Everything is in the file itself, nothing in its log.
    const store = openStore(dir, (words) => warnings.push(words));
    damage(dir, work);
    t.throws(() => store.events.list(), { code: 'STORE_UNAVAILABLE' }, 'who asked is told');
    assertBegunAnew(t, dir, store, warnings);
  });
}

test('damage found within a transaction: nothing of it is in the new store', async (t) => {
  const dir = t.testdir();
  const filler = openStore(dir, never);
  fill(filler);
  filler.close();
  const warnings: string[] = [];
  const store = openStore(dir, (words) => warnings.push(words));
  damage(dir, (file, size) => writeSync(file, rubbish(size / PAGE - 1), 0, size - PAGE, PAGE));
  t.throws(
    () =>
      store.audit.append({
        actor: 'anna',
        source: 'cli',
        action: 'drill',
        target: 'orders',
        outcome: 'accepted',
      }),
    { code: 'STORE_UNAVAILABLE' },
  );
  t.same(store.audit.page(10), []);
  assertBegunAnew(t, dir, store, warnings);
});

test('a folder in the place of the file is refused by its name', async (t) => {
  const dir = t.testdir();
  mkdirSync(join(dir, 'hotpair.db'));
  t.throws(() => openStore(dir, never), { code: 'REFUSED', message: /hotpair\.db cannot be used.*EISDIR/ });
});

test('a full disk: said as such, nothing is set aside, and it goes on once there is room', {
  skip: root,
}, async (t) => {
  const disk = join(t.testdir({ disk: {} }), 'disk');
  // A mount namespace of its own: the small disk is there for this process only.
  const argv = ['--mount', '--propagation', 'private', process.execPath, DISK, disk];
  const { stdout, stderr, status } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 30_000 });
  t.equal(status, 0, stderr);
  t.same(JSON.parse(stdout), {
    append: 'DISK_FULL',
    kept: ['before'],
    opened: ['before'],
    newStore: 'DISK_FULL',
    after: ['before', 'there is room'],
    files: ['hotpair.db'],
  });
});

test("a store that is somebody else's is refused, and stays as it is", { skip: root }, async (t) => {
  const dir = t.testdir();
  openStore(dir, never).close();
  const program = `
    const { openStore } = await import(${JSON.stringify(new URL('../../../coordinator/store/open-store.ts', import.meta.url).href)});
    process.setuid(65534);
    try { openStore(${JSON.stringify(dir)}); } catch (error) { console.log(error.code, error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  t.match(stdout, /^REFUSED .*cannot be used \(E(ACCES|PERM)/);
  t.same(aside(dir), []);
});
