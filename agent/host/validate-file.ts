/** Asks the program that will read a file whether it can, before the file goes live. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import { readTextOrNull } from './files.ts';
import type { Host } from './host.ts';

export type Validator = NonNullable<ActionParams<'file-ensure'>['validate']>;

interface Check {
  /** The argument list that checks the file at this path; null: the check needs no program. */
  argv(path: string): readonly string[] | null;
  /** The program's own complaint, or null when it is content. */
  complaint(code: number, output: string): string | null;
}

const CHECKS: { readonly [V in Validator]: Check } = {
  // keepalived(8): 0 is good; 3 cannot run, 4 runs with modifications, 5 has scripts without security.
  keepalived: {
    argv: (path) => ['keepalived', '--config-test', `--use-file=${path}`],
    complaint: (code, output) => (code === 0 ? null : output.trim() || `exit code ${code}`),
  },
  // The server reads all its options before it prints its help. It ends with an error at one that it does not know, but
  // not at a wrong value for a storage engine: there it only says so.
  mariadb: {
    argv: (path) => ['mariadbd', `--defaults-file=${path}`, '--verbose', '--help'],
    complaint: (code, output) => errorLines(output) || (code === 0 ? null : `exit code ${code}`),
  },
  json: {
    argv: () => null,
    complaint: (_code, output) => jsonComplaint(output),
  },
};

/** Throws CONFIG_REJECTED with the program's own words; `name` is the path people know the file by. */
export async function validateFile(host: Host, kind: Validator, path: string, name: string): Promise<void> {
  const check = CHECKS[kind];
  const argv = check.argv(path);
  const complaint =
    argv === null
      ? check.complaint(0, (await readTextOrNull(path)) ?? '')
      : await runCheck(host, check, argv);
  if (complaint === null) return;
  const words = complaint.replaceAll(path, name).slice(0, 4000);
  throw new AppError(
    'CONFIG_REJECTED',
    `${kind} rejects ${name}; the file is as it was. ${kind} says: ${words}`,
    {
      data: { path: name, validator: kind, words },
    },
  );
}

async function runCheck(host: Host, check: Check, argv: readonly string[]): Promise<string | null> {
  const result = await host.run(argv, { timeoutMs: 15_000, check: false });
  if (result.code === -1 && result.signal === null)
    return `the check could not be run: ${result.stderr.trim()}`;
  return check.complaint(result.code, `${result.stderr}\n${result.stdout}`);
}

function errorLines(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.includes('[ERROR]'))
    .slice(0, 20)
    .join('\n');
}

function jsonComplaint(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
