/**
 * What a guard does for its memory once it runs: from here on nothing is compiled for speed, and what reading the
 * program left behind, which V8 would keep for minutes, is collected (some 20 ms, once). Not as flags at the start: with
 * them V8 refuses the compiled code that Node brings along, and starting takes twice as long. The compiled code of
 * this program is kept for the next start first, because a guard that is killed has no other moment for it.
 */

import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function tidyMemory(): void {
  flushCompileCache();
  for (const flag of ['--no-opt', '--no-maglev', '--optimize-for-size', '--expose-gc'])
    setFlagsFromString(flag);
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
