/**
 * The guard's configuration: /etc/hotpair/guard.json, checked, with every default filled in. The check is made here by
 * hand, after the schema that the deploy renders from (a test holds the two together): the schema library would be a
 * tenth of the guard's memory.
 */

import { readFileSync } from 'node:fs';
import { AppError } from '../../shared/errors/app-error.ts';
import type { GuardConfigFile } from '../../shared/model/guard-config.ts';

type Timing = NonNullable<GuardConfigFile['timing']>;

export interface GuardConfig extends Omit<GuardConfigFile, 'timing' | 'database'> {
  readonly database: Required<GuardConfigFile['database']>;
  readonly timing: Readonly<Required<Timing>>;
}

const DEFAULT_TIMING: Required<Timing> = {
  probeMs: 100,
  hangMs: 600,
  writeHangMs: 700,
};

/** Says what is wrong with a value, or nothing. */
type Check = (value: unknown) => string | undefined;

const text = (least: number, start = ''): Check => {
  return (value) =>
    typeof value === 'string' && value.length >= least && value.startsWith(start)
      ? undefined
      : `must be text${start === '' ? '' : ` that starts with ${start}`}`;
};

const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Check => {
  return (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
};

const oneOf = (...words: readonly string[]): Check => {
  return (value) => (words.includes(String(value)) ? undefined : `must be ${words.join(' or ')}`);
};

const object = (
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check => {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
    const missing = Object.keys(required).find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) return `has no ${missing}`;
    for (const [key, one] of Object.entries(value)) {
      const check = Object.hasOwn(required, key)
        ? required[key]
        : Object.hasOwn(optional, key)
          ? optional[key]
          : undefined;
      const wrong = check === undefined ? 'is not known' : check(one);
      if (wrong !== undefined) return `${key} ${wrong}`;
    }
    return undefined;
  };
};

const checkFile = object(
  {
    pair: text(1),
    host: text(1),
    ordinal: integer(1, 2),
    vip: text(1),
    vipPrefix: integer(1, 128),
    interface: (value) => text(1)(value) ?? (String(value).length > 15 ? 'is too long' : undefined),
    peer: object({ name: text(1), address: text(1) }),
    voting: object(
      { address: text(1), port: integer(1, 65_535), protection: oneOf('availability', 'consistency') },
      { fence: oneOf('nftables', 'none') },
    ),
    database: object(
      {
        socket: text(1, '/'),
        port: integer(1, 65_535),
        replicationUser: text(1),
        replicationPassword: text(1),
        ca: text(1, '/'),
      },
      { unit: text(0) },
    ),
  },
  {
    timing: object(
      {},
      {
        probeMs: integer(20),
        hangMs: integer(100),
        writeHangMs: integer(200),
      },
    ),
  },
);

/** Throws AppError CONFIG_INVALID that names the first field that does not fit. */
export function parseGuardConfig(content: string, path: string): GuardConfig {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${path} is not JSON; run coordinator deploy again.`, {
      cause: error,
    });
  }
  const wrong = checkFile(value);
  if (wrong !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `${path} does not fit this guard: ${wrong}. Run coordinator deploy again.`,
    );
  const file = value as GuardConfigFile; // checkFile has just seen every field of it.
  return {
    ...file,
    database: { unit: 'mariadb.service', ...file.database },
    timing: { ...DEFAULT_TIMING, ...file.timing },
  };
}

export function readGuardConfig(path: string): GuardConfig {
  return parseGuardConfig(readFileSync(path, 'utf8'), path);
}
