/**
 * The tokens of the REST interface. The store has a hash only; a token itself is told once, to who made it.
 * A token is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../shared/api/schema.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Database, Row } from './sqlite.ts';

export interface StoredToken {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Null: never. */
  readonly expires: number | null;
  readonly revoked: number | null;
}

export interface TokenLog {
  /** Answers the token's text, which nobody can tell again. Throws REFUSED where the name is taken. */
  create(name: string, role: Role, expires: number | null): string;
  /** The token that the text is, whether it still counts or not; null when it is none. */
  find(text: string): StoredToken | null;
  get(id: number): StoredToken | null;
  /** Oldest first, revoked ones too. */
  list(): StoredToken[];
  /** Throws NOT_FOUND. */
  revoke(name: string): void;
}

/** `hp` and the number of the token, so that it is found without a search, then its secret. */
const TEXT = /^hp([0-9]{1,15})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;

export function createTokenLog(database: Database): TokenLog {
  const all = (): StoredToken[] => database.all('SELECT * FROM tokens ORDER BY id').map(toToken);
  return {
    create: (name, role, expires) => database.transaction(() => create(database, name, role, expires)),
    find: (text) => find(database, text),
    get: (id) => database.all('SELECT * FROM tokens WHERE id = ?', id).map(toToken)[0] ?? null,
    list: all,
    revoke: (name) =>
      database.transaction(() => {
        if (!all().some((token) => token.name === name && token.revoked === null))
          throw new AppError('NOT_FOUND', `There is no token ${name}: coordinator token list shows them.`);
        database.run('UPDATE tokens SET revoked = ? WHERE name = ? AND revoked IS NULL', Date.now(), name);
      }),
  };
}

/** A token counts until its end, and until it is revoked. */
export function isValid(token: StoredToken, now: number): boolean {
  return token.revoked === null && (token.expires === null || now < token.expires);
}

function create(database: Database, name: string, role: Role, expires: number | null): string {
  const [taken] = database.all('SELECT id FROM tokens WHERE name = ? AND revoked IS NULL', name);
  if (taken !== undefined)
    throw new AppError('REFUSED', `There is a token ${name} already: revoke it first, or take another name.`);
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const id = database.run(
    'INSERT INTO tokens (name, role, hash, created, expires) VALUES (?, ?, ?, ?, ?)',
    ...[name, role, hashOf(secret), Date.now(), expires],
  );
  return `hp${id}_${secret}`;
}

function find(database: Database, text: string): StoredToken | null {
  const [, id, secret] = TEXT.exec(text) ?? [];
  if (id === undefined || secret === undefined) return null;
  const [row] = database.all('SELECT * FROM tokens WHERE id = ?', Number(id));
  const known = row?.['hash'];
  if (row === undefined || !(known instanceof Uint8Array)) return null;
  return timingSafeEqual(hashOf(secret), known) ? toToken(row) : null;
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

function toToken(row: Row): StoredToken {
  const time = (value: Row[string] | undefined): number | null => (value == null ? null : Number(value));
  return {
    id: Number(row['id']),
    name: String(row['name']),
    role: row['role'] as Role, // Written by create() only.
    created: Number(row['created']),
    expires: time(row['expires']),
    revoked: time(row['revoked']),
  };
}
