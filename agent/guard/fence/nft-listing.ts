/** What nft answers about the fence, read. Pure. */

import { type FormerFence, HOOKS, SETS } from './nft-tables.ts';
import type { FenceSet } from './nft-text.ts';

/** Whether a listing of the table (undefined: there is none) has the sets and chains of this fence, and no others. */
export function formerFence(listing: string | undefined): FormerFence {
  if (listing === undefined) return 'none';
  const declared = [...listing.matchAll(/^\t(\S+) (\S+) \{$/gm)].map(([, kind, name]) => `${kind} ${name}`);
  const expected = [
    ...Object.keys(SETS).map((name) => `set ${name}`),
    ...Object.keys(HOOKS).map((name) => `chain ${name}`),
  ];
  const same = declared.toSorted().join() === expected.toSorted().join();
  const timed = setsOf(listing).every(([name, body]) => body.includes('flags timeout') === isTimed(name));
  const hooked = Object.values(HOOKS).every((hook) =>
    new RegExp(`type filter hook ${hook} priority (filter - 10|-10); policy accept;`).test(listing),
  );
  return same && timed && hooked ? 'same' : 'other';
}

function setsOf(listing: string): (readonly [name: string, body: string])[] {
  const sets = listing.matchAll(/^\tset (\S+) \{\n([^}]*(?:elements = \{[^}]*\})?[^}]*)^\t\}$/gm);
  return [...sets].map(([, name = '', body = '']) => [name, body] as const);
}

function isTimed(set: string): boolean {
  return SETS[set]?.includes('flags timeout') === true;
}

/** The addresses in a set, from the listing of the set or of its table; undefined when the listing has no such set. */
export function elementsOf(listing: string, set: FenceSet): readonly string[] | undefined {
  const body = setsOf(listing).find(([name]) => name === set)?.[1];
  if (body === undefined) return undefined;
  const elements = /elements = \{([^}]*)\}/.exec(body)?.[1] ?? '';
  return elements
    .split(',')
    .map((element) => element.trim().split(/\s+/)[0] ?? '')
    .filter((address) => address !== '');
}
