/** The query of a request as its schema means it: a query has only text. Pure. */

import type { TObject } from 'typebox';

/** Numbers where the schema wants them; everything else stays as it is, for the schema to judge. */
export function readQuery(schema: TObject, query: unknown): Record<string, unknown> {
  const entries = Object.entries(typeof query === 'object' && query !== null ? query : {});
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const property: unknown = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
      return [key, isInteger(property) && isDigits(value) ? Number(value) : value];
    }),
  );
}

const isInteger = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'integer';

const isDigits = (value: unknown): boolean => typeof value === 'string' && /^[0-9]{1,16}$/.test(value);
