/** Problems of hotpair.yaml: where and what. All of them are reported together as one CONFIG_INVALID. */

import { AppError } from '../../shared/errors/app-error.ts';

export interface Place {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Problem extends Place {
  /** `pairs.orders.vip`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A path inside the file: keys of maps and positions in lists. */
export type Path = readonly (string | number)[];

/** How a rule says that something is wrong at `path`: with the value there, or with the key itself. */
export type Report = (path: Path, message: string, what?: 'key') => void;

export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** Not more than this many lines for people; the data carries all. */
const MOST_LINES = 30;

export function invalidFile(file: string, problems: readonly Problem[]): AppError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const count = sorted.length === 1 ? 'a problem' : `${sorted.length} problems`;
  const lines = sorted.slice(0, MOST_LINES).map(problemText);
  if (sorted.length > MOST_LINES) lines.push(`and ${sorted.length - MOST_LINES} more`);
  return new AppError(
    'CONFIG_INVALID',
    `${file} has ${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    {
      data: { file, problems: sorted },
    },
  );
}

function problemText({ line, column, path, message }: Problem): string {
  return `line ${line}, column ${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
