/** The four exit codes of every command, and which error ends with which. */

import type { ErrorCodeName } from '../../shared/errors/codes.ts';

export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every code that is not named here ends with 1. */
const BY_CODE: Partial<Record<ErrorCodeName, ExitCode>> = {
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  NOT_FOUND: EXIT.usage,
  REFUSED: EXIT.refused,
  PAIR_UNHEALTHY: EXIT.refused,
  PAIR_BUSY: EXIT.refused,
  PREFLIGHT_FAILED: EXIT.refused,
  HOST_KEY_CHANGED: EXIT.refused,
};

export function exitCodeOf(code: ErrorCodeName): ExitCode {
  return BY_CODE[code] ?? EXIT.failed;
}
