/** Notifications on the WebSocket: agent to coordinator, and `cancel` the other way. */

import { type Static, Type } from 'typebox';
import { HeartbeatChangesSchema } from '../model/heartbeat-changes.ts';

const strict = { additionalProperties: false } as const;

export const NOTIFICATIONS = {
  heartbeat: HeartbeatChangesSchema,
  /** Progress of a running call, by its JSON-RPC id. */
  progress: Type.Object({ id: Type.Union([Type.String(), Type.Integer()]), message: Type.String() }, strict),
  log: Type.Object(
    { unit: Type.String(), time: Type.Integer(), message: Type.String(), priority: Type.Integer() },
    strict,
  ),
  /** From the caller: give up the call with this id. */
  cancel: Type.Object({ id: Type.Union([Type.String(), Type.Integer()]) }, strict),
} as const;

export type NotificationName = keyof typeof NOTIFICATIONS;
type EachNotification = { readonly [N in NotificationName]: Static<(typeof NOTIFICATIONS)[N]> };
/** An interface, as in methods.ts. */
interface NotificationTypes extends EachNotification {}
export type NotificationParams<N extends NotificationName> = NotificationTypes[N];
