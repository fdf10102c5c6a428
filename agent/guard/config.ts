/** The guard's configuration: /etc/hotpair/guard.json, checked, with every default filled in. */

import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { AppError } from '../../shared/errors/app-error.ts';
import { type GuardConfigFile, GuardConfigSchema } from '../../shared/model/guard-config.ts';

export interface GuardConfig extends Omit<GuardConfigFile, 'timing' | 'database'> {
  readonly database: Required<GuardConfigFile['database']>;
  readonly timing: {
    readonly probeMs: number;
    readonly hangMs: number;
    readonly writeHangMs: number;
    readonly peerSilentMs: number;
    readonly takeoverWaitMs: number;
    readonly aloneMs: number;
  };
}

const DEFAULT_TIMING: GuardConfig['timing'] = {
  probeMs: 100,
  hangMs: 600,
  writeHangMs: 2000,
  peerSilentMs: 400,
  takeoverWaitMs: 5000,
  aloneMs: 15_000,
};

/** Throws AppError CONFIG_INVALID that names the first field that does not fit. */
export function parseGuardConfig(text: string, path: string): GuardConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${path} is not JSON; run coordinator deploy again.`, {
      cause: error,
    });
  }
  if (!Value.Check(GuardConfigSchema, value)) {
    const [first] = Value.Errors(GuardConfigSchema, value);
    const where = first === undefined ? '' : ` at ${first.instancePath || '/'}: ${first.message}`;
    throw new AppError(
      'CONFIG_INVALID',
      `${path} does not fit this guard${where}; run coordinator deploy again.`,
    );
  }
  return {
    ...value,
    database: { unit: 'mariadb.service', ...value.database },
    timing: { ...DEFAULT_TIMING, ...value.timing },
  };
}

export function readGuardConfig(path: string): GuardConfig {
  return parseGuardConfig(readFileSync(path, 'utf8'), path);
}
