/** What can be asked of a host's guard through its agent, and what it answers; the guard reads it once more, by hand. */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

const Order = Type.Object(
  {
    kind: Type.Union([Type.Literal('fence'), Type.Literal('solo'), Type.Literal('maintenance')]),
    reason: Type.String({ minLength: 1, maxLength: 200 }),
    /** When the order ends by itself; null = never. */
    forMs: Type.Union([Type.Integer({ minimum: 1000 }), Type.Null()]),
  },
  strict,
);

export const GuardCommandSchema = Type.Union([
  Type.Object(
    {
      kind: Type.Union([
        Type.Literal('switchover'),
        Type.Literal('off'),
        Type.Literal('rejoin'),
        Type.Literal('reseeded'),
      ]),
    },
    strict,
  ),
  Order,
  Type.Object({ kind: Type.Literal('force-primary'), accepts: Type.Literal('lost-commits') }, strict),
]);
export type GuardCommand = Static<typeof GuardCommandSchema>;

export const GuardAnswerSchema = Type.Union([
  Type.Object({ accepted: Type.Literal(true), text: Type.String() }, strict),
  Type.Object({ accepted: Type.Literal(false), reason: Type.String() }, strict),
]);
export type GuardAnswer = Static<typeof GuardAnswerSchema>;
