/**
 * Makes the web console: dist/console from coordinator/web, by Vite. The record beside it says of which sources it is, so
 * that it is made anew by itself after they have changed; a folder is replaced as a whole, never written into.
 */

import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'coordinator/web');
const DIST = join(ROOT, 'dist');
const RECORD = 'record.json';
const INPUTS = [
  'coordinator/web/**/*.{ts,tsx,css,html,svg}',
  'shared/time/*.ts',
  'install/build-console.ts',
  'package-lock.json',
];

export const CONSOLE_FOLDER = join(DIST, 'console');

/** Whether dist/console was made of the sources as they are. */
export async function isConsoleFresh(): Promise<boolean> {
  try {
    const record: unknown = JSON.parse(await readFile(join(CONSOLE_FOLDER, RECORD), 'utf8'));
    return record === (await fingerprint());
  } catch {
    return false;
  }
}

/** Throws what Vite says of sources that it cannot build, or when it is not installed. */
export async function buildConsole(): Promise<void> {
  const found = await fingerprint();
  const fresh = `${CONSOLE_FOLDER}.${process.pid}.tmp`;
  // A console that is fresh needs no Vite: it is loaded only here.
  const { build } = await import('vite');
  await mkdir(DIST, { recursive: true });
  try {
    await build({
      ...{ root: SOURCES, base: '/console/', configFile: false, logLevel: 'warn', envDir: false },
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: {
        ...{ outDir: fresh, emptyOutDir: true, modulePreload: false, assetsInlineLimit: 0 },
        ...{ target: 'es2022', cssTarget: ['chrome123', 'firefox121', 'safari17.5'] },
      },
    });
    await writeFile(join(fresh, RECORD), JSON.stringify(found));
    await replaceFolder(fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Of two builds at the same moment either one may win: both are of the same sources. */
async function replaceFolder(fresh: string): Promise<void> {
  const old = `${CONSOLE_FOLDER}.${process.pid}.old`;
  await rename(CONSOLE_FOLDER, old).catch(() => undefined);
  try {
    await rename(fresh, CONSOLE_FOLDER);
  } catch (error) {
    if (!(await isConsoleFresh())) throw error;
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** Names, sizes and times of change of all that the console is made of. */
async function fingerprint(): Promise<string> {
  const files = globSync(INPUTS, { cwd: ROOT }).toSorted();
  const lines = await Promise.all(
    files.map(async (path) => {
      const { size, mtimeMs } = await stat(join(ROOT, path));
      return `${path} ${size} ${mtimeMs}`;
    }),
  );
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

async function zippedBytes(): Promise<number> {
  const files = globSync('**/*.{html,js,css,svg}', { cwd: CONSOLE_FOLDER });
  const contents = await Promise.all(files.map((file) => readFile(join(CONSOLE_FOLDER, file))));
  return contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
}

if (import.meta.main) {
  if (!(await isConsoleFresh())) await buildConsole();
  const kilobytes = ((await zippedBytes()) / 1000).toFixed(1);
  console.log(`${relative(process.cwd(), CONSOLE_FOLDER)}: ${kilobytes} kB gzipped`);
}
