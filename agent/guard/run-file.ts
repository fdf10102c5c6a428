/**
 * Small files below /run, which is memory: written whole or not at all (temporary file, rename). Synchronous, because
 * the permit must be down before anything else happens; it costs some ten microseconds and no disk.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function writeRunFile(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.guard`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
}

/** The content, or undefined when there is no such file. */
export function readRunFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function runFileExists(path: string): boolean {
  return existsSync(path);
}
