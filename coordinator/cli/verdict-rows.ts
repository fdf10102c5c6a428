/** Verdicts as rows of a table. Pure. */

import type { Verdict } from '../../shared/model/verdict.ts';
import type { Style } from './output.ts';

export function verdictRows(verdicts: readonly Verdict[], style: Style): readonly (readonly string[])[] {
  return verdicts.flatMap(({ subject, ok, detail, remedy }) => [
    [`${ok ? style.green('✔') : style.red('✖')} ${subject}`, detail],
    ...(ok || remedy === undefined ? [] : [['', style.dim(remedy)]]),
  ]);
}
