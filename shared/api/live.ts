/**
 * The WebSocket /v1/live. The first message of the client is `hello` with its token (or the token comes as the
 * sub-protocol "bearer.TOKEN", beside "hotpair.live"); the first of the daemon is `ready`. A `tick` comes every 5 s.
 */

import { type Static, Type } from 'typebox';
import { EventViewSchema } from './history.ts';
import { JobHeadSchema } from './jobs.ts';
import { PairDetailSchema, PairSummarySchema } from './pair-view.ts';
import { ProblemSchema } from './problem.ts';
import { nullable, Role, strict, Time } from './schema.ts';

export const LIVE_PATH = '/v1/live';
export const LIVE_PROTOCOL = 'hotpair.live';
export const LIVE_TOKEN_PREFIX = 'bearer.';

export const LiveRequestSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal('hello'),
      token: Type.Optional(Type.String({ maxLength: 200 })),
      /** Events after this id are sent first: what was missed while the connection was away. */
      sinceEvent: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    strict,
  ),
  /** The pair whose every change is wanted; null: none. */
  Type.Object({ type: Type.Literal('watch'), pair: nullable(Type.String({ maxLength: 31 })) }, strict),
]);
export type LiveRequest = Static<typeof LiveRequestSchema>;

export const LiveMessageSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal('ready'),
      version: Type.String(),
      name: Type.String(),
      role: Role,
      pairs: Type.Array(PairSummarySchema),
      lastEvent: Type.Integer({ description: 'Id of the newest event; 0 where there is none.' }),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('pairs'), pairs: Type.Array(PairSummarySchema) }, strict),
  Type.Object({ type: Type.Literal('pair'), pair: PairDetailSchema }, strict),
  Type.Object({ type: Type.Literal('event'), event: EventViewSchema }, strict),
  /** Decisions of a guard came in, which may belong to an outage that was told before them; to who watches the pair. */
  Type.Object({ type: Type.Literal('decisions'), pair: Type.String(), from: Time, to: Time }, strict),
  Type.Object({ type: Type.Literal('job'), job: JobHeadSchema }, strict),
  Type.Object({ type: Type.Literal('tick'), time: Time }, strict),
  Type.Object({ type: Type.Literal('bye'), problem: ProblemSchema }, strict),
]);
export type LiveMessage = Static<typeof LiveMessageSchema>;
