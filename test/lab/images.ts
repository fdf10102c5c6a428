// The hosts' images: built once under a lock, into a temporary name that is renamed when complete, and kept outside
// the repository. An image folder that exists is complete.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildBare, buildGolden } from './build-image.ts';
import { withFileLock } from './file-lock.ts';
import { imagesDirectory } from './paths.ts';
import { type ImageName, recipeStamp } from './recipe.ts';

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
  rmSync(temporary, { recursive: true, force: true }); // left by a build that was killed; the lock makes it ours
  mkdirSync(temporary, { recursive: true });
  const started = performance.now();
  try {
    await build(temporary);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  renameSync(temporary, final);
  log(`built ${final} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Removes the images of other recipes than today's; `inUse` names the image folders that running hosts stand on. */
export async function pruneImages(inUse: ReadonlySet<string>, log: (line: string) => void): Promise<void> {
  await withFileLock(join(imagesDirectory(), 'lock'), async () => {
    for (const name of readdirSync(imagesDirectory())) {
      if (name === 'lock' || name === recipeStamp() || inUse.has(name)) continue;
      log(`removing the images of an older recipe: ${name}`);
      rmSync(join(imagesDirectory(), name), { recursive: true, force: true });
    }
  });
}
