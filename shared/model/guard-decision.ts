/** One decision of a voting guard, as it is written on the host and kept in the coordinator's history. */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const GuardDecisionSchema = Type.Object(
  {
    /** Run of the guard and number in it, e.g. 12-7. Unique on its host. */
    id: Type.String(),
    /** Milliseconds since the epoch, wall clock of the host. */
    at: Type.Integer(),
    row: Type.String(),
    reason: Type.String(),
    from: Type.String(),
    to: Type.String(),
    /** The decided record that it was made under; null before there is one. */
    epoch: nullable(Type.Integer()),
    primary: nullable(Type.String()),
    mode: nullable(Type.String()),
    /** Number of the ballot under way. */
    ballot: nullable(Type.Integer()),
    /** Who had promised or accepted in it. */
    voters: Type.Array(Type.String()),
    /** What was done, in order. */
    effects: Type.Array(Type.String()),
    /** The facts that the table saw; see docs/pair.md. */
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    /** GTID sets of the server: end of its log, applied, received. */
    positions: Type.Object({ binlog: Type.String(), slave: Type.String(), received: Type.String() }, strict),
    /** Monotonic milliseconds since the guard started, to order and subtract by. */
    clock: Type.Number(),
  },
  strict,
);
export type GuardDecision = Static<typeof GuardDecisionSchema>;
