/**
 * What a store does on a disk that fills up and is freed again, as one JSON document. Run it in a mount namespace of its
 * own: it mounts a small disk at the folder FOLDER.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../coordinator/store/open-store.ts';

const [disk = ''] = process.argv.slice(2);
const data = join(disk, 'data');
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', disk]);

const append = (store: Store, message: string): void =>
  void store.events.append({ pair: 'orders', kind: 'VipMissing', message });
const messages = (store: Store): string[] => store.events.list().map(({ message }) => message.slice(0, 20));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was refused';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};
/** Ever smaller files, until not a page is left. */
function fillUp(): void {
  for (const size of [1 << 20, 1 << 16, 1 << 12])
    for (let n = 0; n < 64; n += 1)
      try {
        writeFileSync(join(disk, `fill-${size}-${n}`), Buffer.alloc(size));
      } catch {
        break; // ENOSPC is what it is for.
      }
}

const first = openStore(data);
append(first, 'before');
fillUp();
const refused = codeOf(() => append(first, 'x'.repeat(8000)));
const kept = messages(first);
first.close();
const second = openStore(data);
const opened = messages(second);
const newStore = codeOf(() => openStore(join(disk, 'other')));
for (const name of readdirSync(disk)) if (name.startsWith('fill-')) rmSync(join(disk, name));
append(second, 'there is room');
const after = messages(second);
second.close();
console.log(JSON.stringify({ append: refused, kept, opened, newStore, after, files: readdirSync(data) }));
