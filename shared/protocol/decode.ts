/** Turns unknown values into typed ones by a schema, with an error that names the field. Compiled checkers are kept. */

import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../errors/app-error.ts';
import type { ErrorCodeName } from '../errors/codes.ts';

interface Checker {
  Check(value: unknown): boolean;
  Errors(value: unknown): Iterable<{ instancePath: string; message: string }>;
}

const checkers = new WeakMap<object, Checker>();

function checkerOf(schema: TSchema): Checker {
  const known = checkers.get(schema);
  if (known !== undefined) return known;
  const made: Checker = Compile(schema);
  checkers.set(schema, made);
  return made;
}

/** `what` names the thing in the message, e.g. "params of file-ensure". Throws AppError with `code`. */
export function decode<S extends TSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCodeName = 'INVALID_PARAMS',
): NoInfer<Static<S>> {
  const checker = checkerOf(schema);
  if (checker.Check(value)) return value as Static<S>;
  const problems = [...checker.Errors(value)]
    .slice(0, 5)
    .map((error) => `${error.instancePath || '/'} ${error.message}`);
  throw new AppError(code, `${what}: ${problems.join('; ')}.`, { data: { problems } });
}

/** True when the value is what the schema says. */
export function fits<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return checkerOf(schema).Check(value);
}
