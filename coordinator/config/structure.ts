/** Keys and types of the file against the schema: unknown and missing keys, wrong types, in words for people. */

import { OUTAGE_BUDGET_PATTERN } from '../../shared/model/outage-budget.ts';
import { nearest } from './nearest.ts';
import type { Path, Report } from './problems.ts';

/** The part of JSON Schema that shared/model/pair-spec.ts uses. */
export interface FileSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly FileSchema[];
  readonly items?: FileSchema;
  readonly properties?: Readonly<Record<string, FileSchema>>;
  readonly patternProperties?: Readonly<Record<string, FileSchema>>;
  readonly required?: readonly string[] | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly pattern?: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** What the patterns of the schema mean. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  '^[a-z][a-z0-9-]{0,30}$': 'lower-case letters, digits and hyphens, a letter first, at most 31 characters',
  '^[A-Za-z0-9_.-]{1,15}$': 'the name of a network interface, at most 15 characters',
  '^[A-Za-z0-9_]{1,64}$': 'letters, digits and underscores, at most 64 characters',
  '^[A-Za-z0-9_]{1,32}$': 'letters, digits and underscores, at most 32 characters',
  '^[0-9]+(ms|s)$': 'a time such as 50ms or 1s',
  [OUTAGE_BUDGET_PATTERN]: 'a time in at most 30 days such as 5m per 30d',
  '^[0-9]{1,6}[smhdw]$': 'a length of time such as 90s, 15m, 4h or 7d',
  '^[1-9][0-9]{0,3}[hd]$': 'hours or days such as 24h or 7d',
  '^[a-z][a-z_]{0,30}$': 'the name of a rule',
  '^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$': 'two times of the day such as 22:00-07:30',
  '^[A-Za-z][A-Za-z0-9_-]*$': 'a setting of the server: letters, digits, underscores and hyphens',
};

/** Reports every difference between `value` and `schema`. */
export function checkStructure(schema: FileSchema, value: unknown, path: Path, report: Report): void {
  const check = (inner: FileSchema, innerValue: unknown, innerPath: Path): void =>
    checkStructure(inner, innerValue, innerPath, report);

  if (schema.anyOf !== undefined) checkUnion(schema.anyOf, value, path, report, check);
  else if (schema.type === 'object' && isRecord(value)) checkObject(schema, value, path, report, check);
  else if (schema.type === 'array' && Array.isArray(value))
    for (const [index, item] of value.entries()) check(schema.items ?? {}, item, [...path, index]);
  else if (!matches(schema, value)) report(path, `must be ${expected(schema)}, not ${shown(value)}`);
}

type Check = (schema: FileSchema, value: unknown, path: Path) => void;

function checkObject(
  schema: FileSchema,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  report: Report,
  check: Check,
): void {
  const { properties = {}, patternProperties = {}, required = [] } = schema;
  const [pattern, named] = Object.entries(patternProperties)[0] ?? [];
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined) check(known, inner, [...path, key]);
    else if (pattern === undefined || named === undefined)
      report([...path, key], unknownKey(key, properties), 'key');
    else if (new RegExp(pattern).test(key)) check(named, inner, [...path, key]);
    else report([...path, key], `the name must be ${PATTERN_WORDS[pattern] ?? pattern}`, 'key');
  }
  for (const key of required) if (!Object.hasOwn(value, key)) report(path, missingKey(key, properties[key]));
  checkCount(schema, Object.keys(value).length, path, report);
}

function unknownKey(key: string, properties: Readonly<Record<string, FileSchema>>): string {
  const known = Object.keys(properties);
  const near = nearest(key, known);
  return near === undefined
    ? `unknown key; the keys here are ${known.join(', ')}`
    : `unknown key; did you mean ${near}?`;
}

function missingKey(key: string, schema: FileSchema | undefined): string {
  const description = schema?.description === undefined ? '' : ` (${schema.description.replace(/\.$/, '')})`;
  return `the key ${key} is missing${description}`;
}

function checkCount(
  { minProperties, maxProperties }: FileSchema,
  count: number,
  path: Path,
  report: Report,
): void {
  if (minProperties === maxProperties && minProperties !== undefined && count !== minProperties)
    report(path, `exactly ${minProperties} entries are needed, there are ${count}`);
  else if (minProperties !== undefined && count < minProperties)
    report(path, `at least ${minProperties} entry is needed`);
}

/** Objects of a union are told apart by the keys that only one of them has. */
function checkUnion(
  union: readonly FileSchema[],
  value: unknown,
  path: Path,
  report: Report,
  check: Check,
): void {
  if (union.some((member) => member.properties === undefined && matches(member, value))) return;
  if (isRecord(value)) {
    const fitting = union.filter((member) => member.required?.some((key) => Object.hasOwn(value, key)));
    const [only, second] = fitting;
    if (only !== undefined && second === undefined) {
      check(only, value, path);
      return;
    }
  }
  report(path, `must be ${expected({ anyOf: union })}, not ${shown(value)}`);
}

function matches(schema: FileSchema, value: unknown): boolean {
  if (schema.const !== undefined) return value === schema.const;
  if (schema.type === 'string')
    return (
      typeof value === 'string' && (schema.pattern === undefined || new RegExp(schema.pattern).test(value))
    );
  if (schema.type === 'boolean') return typeof value === 'boolean';
  if (schema.type !== 'number' && schema.type !== 'integer') return false;
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (schema.type === 'integer' && !Number.isSafeInteger(value)) return false;
  return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
}

/** What would be right, as words that follow "must be". */
export function expected(schema: FileSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf?.every((member) => member.required !== undefined))
    return `a map with exactly one of the keys ${schema.anyOf.flatMap((member) => member.required ?? []).join(', ')}`;
  if (schema.anyOf !== undefined) return listed(schema.anyOf.map(expected));
  if (schema.pattern !== undefined) return PATTERN_WORDS[schema.pattern] ?? `text like ${schema.pattern}`;
  if (schema.type === 'object') return `a map${keysOf(schema)}`;
  if (schema.type === 'array') return 'a list';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'boolean') return 'true or false';
  const range =
    schema.minimum === undefined || schema.maximum === undefined
      ? ''
      : ` from ${schema.minimum} to ${schema.maximum}`;
  return `${schema.type === 'integer' ? 'a whole number' : 'a number'}${range}`;
}

function keysOf({ required = [] }: FileSchema): string {
  return required.length === 0 ? '' : ` with ${required.join(' and ')}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
