/**
 * The generated secrets of one pair: DATA/secrets/PAIR.json, mode 0600, written whole or not at all. Made once and
 * never changed: a deploy that runs again finds the same passwords on the hosts. A pair that was deployed already, by
 * another coordinator or by one that lost the file, keeps its replication password, or its servers would stop replicating
 * before both had another one.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { AppError } from '../shared/errors/app-error.ts';
import type { PairSpec } from '../shared/model/pair-spec.ts';
import { decode } from '../shared/protocol/decode.ts';
import { replaceFile } from '../shared/runtime/replace-file.ts';

export interface PairSecrets {
  readonly replication: string;
  readonly verify: string;
  /** null when the pair has no application account. */
  readonly application: string | null;
}

const Password = Type.String({ minLength: 1, maxLength: 256 });
const StoredSchema = Type.Object(
  { replication: Password, verify: Password, application: Password },
  { additionalProperties: false },
);
type Stored = Static<typeof StoredSchema>;

/** 192 bits; base64url needs no quoting anywhere. */
const SECRET_BYTES = 24;

export function secretsFile(dataFolder: string, pairName: string): string {
  return join(dataFolder, 'secrets', `${pairName}.json`);
}

/** Asked where there is no file: the password that the hosts replicate with already, null where they do not. */
export type AskReplication = () => Promise<string | null>;

/**
 * The secrets of the pair; made where there are none yet, but for a replication password that the hosts have. Throws
 * CONFIG_INVALID for an unreadable password_file.
 */
export async function loadOrCreateSecrets(
  dataFolder: string,
  pair: PairSpec,
  ask: AskReplication,
): Promise<PairSecrets> {
  const path = secretsFile(dataFolder, pair.name);
  const stored = (await readStored(path)) ?? (await createStored(path, await ask()));
  return complete(stored, pair);
}

/** The secrets of a pair that has been deployed. Throws NOT_FOUND when it has not been. */
export async function loadSecrets(dataFolder: string, pair: PairSpec): Promise<PairSecrets> {
  const stored = await readStored(secretsFile(dataFolder, pair.name));
  if (stored !== null) return complete(stored, pair);
  throw new AppError(
    'NOT_FOUND',
    `There are no secrets of the pair ${pair.name} in ${dataFolder}: it was not deployed from here. coordinator deploy ${pair.name} deploys it.`,
  );
}

/** For a plan: the secrets as they are, or placeholders that differ from every stored one; makes no file. */
export async function plannedSecrets(
  dataFolder: string,
  pair: PairSpec,
  ask: AskReplication,
): Promise<PairSecrets> {
  const stored = await readStored(secretsFile(dataFolder, pair.name));
  if (stored !== null) return complete(stored, pair);
  const replication = (await ask()) ?? '(new)';
  return complete({ replication, verify: '(new)', application: '(new)' }, pair);
}

async function complete(stored: Stored, pair: PairSpec): Promise<PairSecrets> {
  const { application } = pair.database;
  const { replication, verify } = stored;
  if (application === null) return { replication, verify, application: null };
  const given = application.passwordFile === null ? null : await readPassword(application.passwordFile);
  return { replication, verify, application: given ?? stored.application };
}

async function readPassword(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppError('CONFIG_INVALID', `The password_file ${path} cannot be read.`, { cause: error });
  });
  const password = text.replace(/\r?\n$/, '');
  if (password !== '' && password.length <= 256 && !password.includes('\n')) return password;
  throw new AppError(
    'CONFIG_INVALID',
    `The password_file ${path} must hold one line of 1 to 256 characters.`,
  );
}

async function readStored(path: string): Promise<Stored | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new AppError('INTERNAL', `The secrets file ${path} cannot be read.`, { cause: error });
  }
  return decode(StoredSchema, parseJson(text, path), `The secrets file ${path}`, 'INTERNAL');
}

/** The message must not carry the text: it is secret. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      'INTERNAL',
      `The secrets file ${path} is damaged: it is not JSON. Restore it from a backup.`,
    );
  }
}

/** The pair replicates with this password already. Other secrets are kept, or made where there are none. */
export async function adoptReplication(
  dataFolder: string,
  pairName: string,
  replication: string,
): Promise<void> {
  const path = secretsFile(dataFolder, pairName);
  const stored = (await readStored(path)) ?? newSecrets();
  await store(path, { ...stored, replication });
}

async function createStored(path: string, replication: string | null): Promise<Stored> {
  const fresh = newSecrets();
  const stored = { ...fresh, replication: replication ?? fresh.replication };
  await store(path, stored);
  return stored;
}

function newSecrets(): Stored {
  const secret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
  return { replication: secret(), verify: secret(), application: secret() };
}

async function store(path: string, stored: Stored): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${JSON.stringify(stored, null, 2)}\n`, 0o600);
}
