/**
 * Heartbeats as they travel: the first of a connection is complete, each later one carries the sections that differ from
 * the one before it on the same connection. A section is a field of the heartbeat; of `database` and `guard`, which
 * hold much that stands still and a little that always moves, each field is one. Pure.
 */

import { type Static, Type } from 'typebox';
import { decode } from '../protocol/decode.ts';
import { DatabaseStateSchema, GuardStateSchema, type Heartbeat, HeartbeatSchema } from './facts.ts';

const strict = { additionalProperties: false } as const;

export const HeartbeatChangesSchema = Type.Object(
  {
    ...Type.Partial(HeartbeatSchema).properties,
    sequence: Type.Integer(),
    time: Type.Integer(),
    database: Type.Optional(Type.Object(Type.Partial(DatabaseStateSchema).properties, strict)),
    guard: Type.Optional(
      Type.Union([Type.Object(Type.Partial(GuardStateSchema).properties, strict), Type.Null()]),
    ),
  },
  strict,
);
export type HeartbeatChanges = Static<typeof HeartbeatChangesSchema>;

/** What a heartbeat says anew to a receiver that knows `before`; everything where it knows none. */
export function changesSince(before: Heartbeat | null, now: Heartbeat): HeartbeatChanges {
  if (before === null || isNarrower(before, now)) return now;
  const { sequence, time } = now;
  const changes: HeartbeatChanges = { ...differing(before, now), sequence, time };
  if (changes.database !== undefined) changes.database = differing(before.database, now.database);
  if (before.guard !== null && now.guard !== null && changes.guard !== undefined)
    changes.guard = differing(before.guard, now.guard);
  return changes;
}

/**
 * The whole heartbeat again; one that names its host is complete. Throws MALFORMED_FRAME where changes came to a
 * receiver that lacks what they build on.
 */
export function mergeChanges(before: Heartbeat | null, changes: HeartbeatChanges): Heartbeat {
  const base = changes.host === undefined ? before : null;
  const { guard } = changes;
  const merged = {
    ...base,
    ...changes,
    database: { ...base?.database, ...changes.database },
    ...(guard === undefined || guard === null ? {} : { guard: { ...base?.guard, ...guard } }),
  };
  return decode(HeartbeatSchema, merged, 'heartbeat', 'MALFORMED_FRAME');
}

/** A field that was there before is gone, which changes cannot say. */
function isNarrower(before: Heartbeat, now: Heartbeat): boolean {
  return (
    lacks(before, now) ||
    lacks(before.database, now.database) ||
    (now.guard !== null && lacks(before.guard ?? {}, now.guard))
  );
}

const lacks = (before: object, now: object): boolean =>
  Object.keys(before).some((key) => !Object.hasOwn(now, key));

/** The fields of `now` whose JSON text is another one in `before`. */
function differing<T extends object>(before: T, now: T): Partial<T> {
  const changed: Partial<T> = {};
  for (const key of Object.keys(now) as (keyof T)[])
    if (JSON.stringify(before[key]) !== JSON.stringify(now[key])) changed[key] = now[key];
  return changed;
}
