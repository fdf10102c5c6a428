/**
 * One full garbage collection after the start: reading the program leaves some 10 MB behind that V8 would keep for
 * minutes, because a guard makes too little garbage to be collected. It takes some 20 ms, once.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function tidyMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
