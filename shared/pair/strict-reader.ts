/**
 * Readers of values that come from outside: each answers a value of its type or throws MALFORMED_FRAME. They are strict (no
 * key may be missing or foreign), and they follow the types: a field or a word that is forgotten in one does not compile.
 */

import { AppError } from '../errors/app-error.ts';

export type Read<T> = (value: unknown, at: string) => T;
export type Fields<T> = { readonly [K in keyof T]-?: Read<T[K]> };
export type Kinds<T extends { kind: string }> = {
  readonly [K in T['kind']]: Fields<Omit<Extract<T, { kind: K }>, 'kind'>>;
};

export const refused = (at: string, what: string): AppError =>
  new AppError('MALFORMED_FRAME', `What a voter should read is not valid: ${at} ${what}.`);

function entriesOf(value: unknown, at: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(at, 'is no object');
  return new Map(Object.entries(value));
}

function readFields<T>(fields: Fields<T>, entries: ReadonlyMap<string, unknown>, at: string): T {
  for (const key of entries.keys())
    if (!Object.hasOwn(fields, key)) throw refused(at, `has the unknown key ${key.slice(0, 40)}`);
  const names = Object.keys(fields) as (keyof T & string)[];
  const read = names.map((name) => [name, fields[name](entries.get(name), `${at}.${name}`)]);
  // Every key of T has been read by its reader, and there is no other.
  return Object.fromEntries(read) as T;
}

export function object<T>(fields: Fields<T>): Read<T> {
  return (value, at) => readFields(fields, entriesOf(value, at), at);
}

/** An object whose `kind` says which fields it has. */
export function tagged<T extends { kind: string }>(kinds: Kinds<T>): Read<T> {
  return (value, at) => {
    const entries = entriesOf(value, at);
    const kind = entries.get('kind');
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) throw refused(at, 'is of an unknown kind');
    entries.delete('kind');
    const fields = kinds[kind as T['kind']];
    // `kind` selects the fields, so both together are the member of the union with this kind.
    return { kind, ...readFields(fields, entries, at) } as unknown as T;
  };
}

export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Read<number> {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw refused(at, `is no whole number from ${least} to ${most}`);
    return value;
  };
}

export function text(most: number, pattern: RegExp): Read<string> {
  return (value, at) => {
    if (typeof value !== 'string' || value.length > most || !pattern.test(value))
      throw refused(at, 'is not the text that belongs there');
    return value;
  };
}

/** One of some words; a record of them, so that a word that is forgotten here does not compile. */
export function word<T extends string>(words: Readonly<Record<T, true>>): Read<T> {
  return (value, at) => {
    if (typeof value !== 'string' || !Object.hasOwn(words, value)) throw refused(at, 'is an unknown word');
    return value as T;
  };
}

export function orNull<T>(read: Read<T>): Read<T | null> {
  return (value, at) => (value === null ? null : read(value, at));
}

export const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw refused(at, 'is neither true nor false');
  return value;
};
