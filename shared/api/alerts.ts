/** Alerts that somebody was told of, and who has taken them on. */

import { type Static, Type } from 'typebox';
import { nullable, strict, Time, translated } from './schema.ts';

export const AlertViewSchema = Type.Object(
  {
    id: Type.Integer(),
    rule: Type.String({ description: 'A rule of docs/alerts.md.' }),
    severity: Type.Union([Type.Literal('warning'), Type.Literal('critical')]),
    pair: Type.String(),
    title: Type.String(),
    translations: translated({ title: Type.String() }),
    since: Time,
    acknowledged: nullable(Time),
    acknowledgedBy: nullable(Type.String()),
  },
  strict,
);
export type AlertView = Static<typeof AlertViewSchema>;

export const AlertListSchema = Type.Object(
  { alerts: Type.Array(AlertViewSchema, { description: 'Open ones, oldest first.' }) },
  strict,
);
