/** docs/errors.md from the registry of error codes. */

import { exitCodeOf } from '../../coordinator/cli/exit-codes.ts';
import { ERROR_CODES, isErrorCodeName } from '../../shared/errors/codes.ts';
import { page, table } from './markdown.ts';

const INTRODUCTION = `Every error that leaves a process of hotpair carries one of these codes: on the command line, in the JSON of
\`--json\` (\`error.code\`), in REST answers and on the WebSocket. The exit code is that of the coordinator's commands:
0 ok, 1 failed, 2 wrong command line or invalid file, 3 refused for safety.`;

export function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([name, { meaning, remedy }]) => [
    `\`${name}\``,
    isErrorCodeName(name) ? String(exitCodeOf(name)) : '',
    meaning,
    remedy,
  ]);
  return page('Errors', 'shared/errors/codes.ts', INTRODUCTION, [
    table([['code', 'exit', 'meaning', 'what to do'], ...rows]),
  ]);
}
