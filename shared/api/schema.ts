/** Pieces that the schemas of the coordinator's REST interface are built from. */

import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/** No field that the schema does not name: what is not in the contract is not sent, and not taken. */
export const strict = { additionalProperties: false } as const;

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Sentences that are English beside it, in the other languages. */
export const translated = <T extends TProperties>(sentences: T) =>
  Type.Object(
    { zh: Type.Object(sentences, strict) },
    { ...strict, description: 'The same sentences in other languages, by language.' },
  );

/** Milliseconds since the epoch, on the coordinator's clock. */
export const Time = Type.Integer({ description: 'Milliseconds since the epoch.' });

export const Role = Type.Union([Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('admin')]);
/** What a token may do; each one may do what the ones before it may. */
export type Role = Static<typeof Role>;
