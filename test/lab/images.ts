// The hosts' images: built once under a lock, into a temporary name that is renamed when complete, and kept outside
// the repository. An image folder that exists is complete.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildBare, buildGolden } from './build-image.ts';
import { removeCgroup } from './cgroup.ts';
import { withFileLock } from './file-lock.ts';
import { buildCgroup, imagesDirectory } from './paths.ts';
import { type ImageName, recipeStamp } from './recipe.ts';
import { listRuns } from './run-record.ts';

export interface Images {
  /** Lower layers of a host's root, topmost first. */
  readonly layers: readonly string[];
  readonly repository: string;
}

export interface ImageOptions {
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Returns the layers of `image`, building what is missing; a second run waits for the first one's build. */
export async function ensureImages(image: ImageName, options: ImageOptions): Promise<Images> {
  const folder = join(imagesDirectory(), recipeStamp());
  const bare = { root: join(folder, 'base', 'bare'), repository: join(folder, 'base', 'repo') };
  const golden = join(folder, 'golden');
  const complete = (): boolean => existsSync(bare.root) && (image === 'bare' || existsSync(golden));
  if (!complete()) {
    await withFileLock(join(imagesDirectory(), 'lock'), async () => {
      pruneImages(options.log);
      await buildOnce(join(folder, 'base'), options, (temporary) => buildBare(temporary, options));
      if (image === 'golden')
        await buildOnce(golden, options, (temporary) => buildGolden(bare, temporary, options));
    });
  }
  return { layers: image === 'golden' ? [golden, bare.root] : [bare.root], repository: bare.repository };
}

async function buildOnce(
  final: string,
  { log }: ImageOptions,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(final)) return;
  const temporary = `${final}.building`;
  // What a killed build left, processes first: the lock makes it ours.
  removeCgroup(buildCgroup());
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const started = performance.now();
  try {
    await build(temporary);
  } catch (error) {
    removeCgroup(buildCgroup());
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  removeCgroup(buildCgroup());
  renameSync(temporary, final);
  log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s and kept in ${final}`);
}

const keepUnusedMs = 24 * 3600 * 1000;

/** Removes images of other recipes that no run stands on and that are older than a day. Called under the lock. */
function pruneImages(log: (line: string) => void): void {
  const used = listRuns().flatMap(({ layers }) => layers);
  for (const name of readdirSync(imagesDirectory())) {
    const folder = join(imagesDirectory(), name);
    const age = Date.now() - statSync(folder).mtimeMs;
    if (name === 'lock' || name === recipeStamp() || age < keepUnusedMs) continue;
    if (used.some((layer) => layer.startsWith(`${folder}/`))) continue;
    log(`removing the images of an older recipe: ${folder}`);
    rmSync(folder, { recursive: true, force: true });
  }
}
