/** Reads what hotpair.yaml only names: an address or a key, at the time of its use, so that a new one needs no restart. */

import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SecretSource } from '../../shared/model/alerts-file.ts';

/** Throws AppError DELIVERY_FAILED that names the place, never what is in it. */
export async function readSecret(source: SecretSource): Promise<string> {
  if ('text' in source) return source.text;
  const where =
    'file' in source ? `The file ${source.file}` : `The variable ${source.env} of the environment`;
  const text = 'file' in source ? await readText(source.file) : process.env[source.env];
  if (text === undefined) throw new AppError('DELIVERY_FAILED', `${where} cannot be read.`);
  const secret = text.trim();
  if (secret !== '' && !/\s/.test(secret)) return secret;
  throw new AppError('DELIVERY_FAILED', `${where} must hold one line without blanks.`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
