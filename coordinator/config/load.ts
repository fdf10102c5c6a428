/** Reads hotpair.yaml: text to a validated HotpairSpec. Every problem of the file is reported at once, with its place. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { AppError } from '../../shared/errors/app-error.ts';
import { HotpairFileSchema, type HotpairSpec } from '../../shared/model/pair-spec.ts';
import { decode } from '../../shared/protocol/decode.ts';
import { normalize } from './normalize.ts';

/** Throws AppError CONFIG_INVALID. */
export async function loadSpec(file: string): Promise<HotpairSpec> {
  const path = resolve(file);
  return parseSpec(await readText(path), path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `There is no readable file ${path}; coordinator init writes one.`, {
      cause: error,
    });
  }
}

/** `path` is absolute; relative paths in the file count from its folder. */
export function parseSpec(text: string, path: string): HotpairSpec {
  return normalize(decode(HotpairFileSchema, parse(text), path, 'CONFIG_INVALID'), dirname(path));
}
