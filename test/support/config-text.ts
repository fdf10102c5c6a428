/** hotpair.yaml as text, read the way the coordinator reads it. */

import { parseSpec } from '../../coordinator/config/load.ts';
import type { Problem } from '../../coordinator/config/problems.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';

const FILE = '/etc/hotpair/hotpair.yaml';

export function parseFile(text: string, file: string = FILE): HotpairSpec {
  return parseSpec(text, file);
}

/** Empty when the file is valid. Anything that is thrown besides CONFIG_INVALID with its problems is thrown on. */
export function problemsOf(text: string): readonly Problem[] {
  try {
    parseSpec(text, FILE);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID' && Array.isArray(error.data['problems']))
      return error.data['problems'];
    throw error;
  }
}
