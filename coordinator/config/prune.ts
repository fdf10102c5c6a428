/** Takes the malformed parts out of the file's data, so that the rules can still look at the rest. Pure. */

import type { Path } from './problems.ts';

/** A copy without the values at `wrong`; a malformed item of a list takes the list with it, so that places stay true. */
export function prune(value: unknown, wrong: readonly Path[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of wrong) {
    const end = path.findIndex((part) => typeof part === 'number');
    const keys = end === -1 ? path : path.slice(0, end);
    const parent = keys.slice(0, -1).reduce<unknown>((node, key) => mapOf(node)[String(key)], copy);
    if (isMap(parent)) delete parent[String(keys.at(-1))];
  }
  return copy;
}

/** The value itself where it is a map, an empty one elsewhere. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
