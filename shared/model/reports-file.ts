/** The part of hotpair.yaml that is about health reports: when, about which time, in which language, and where they go. */

import { type Static, Type } from 'typebox';
import { type Language, LanguageSchema } from './language.ts';

const strict = { additionalProperties: false } as const;

export const ReportTargetSchema = Type.Union([
  Type.Object(
    { email: Type.String({ description: 'Address that reports are mailed to; needs coordinator.smtp.' }) },
    strict,
  ),
  Type.Object(
    {
      webhook: Type.String({ description: 'URL that reports are posted to.' }),
      format: Type.Optional(
        Type.Union([Type.Literal('json'), Type.Literal('slack')], {
          default: 'json',
          description: 'What is posted: the report as data, or a message for Slack and its like.',
        }),
      ),
    },
    strict,
  ),
  Type.Object({ folder: Type.String({ description: 'Folder that reports are also written to.' }) }, strict),
]);

const WHEN =
  'daily, weekly (on Mondays) or monthly (on the first), at 08:00; or a cron expression of five fields: minute, hour, day of month, month, day of week.';
const period = Type.Optional(
  Type.String({
    pattern: '^[1-9][0-9]{0,3}[hd]$',
    default: 'since the report before it',
    description: 'What a report is about, e.g. 24h, 7d or 30d; it is compared with as long a time before.',
  }),
);
const targets = (fallback: string, description: string) =>
  Type.Optional(Type.Array(ReportTargetSchema, { default: fallback, description }));

const ScheduleSchema = Type.Object(
  {
    schedule: Type.String({ description: WHEN }),
    period,
    language: Type.Optional(Type.Union(LanguageSchema.anyOf, { ...LanguageSchema, default: 'as reports' })),
    to: targets('as reports', 'Where these reports go besides the reports folder; see reports.to.'),
  },
  strict,
);

export const ReportsSchema = Type.Object(
  {
    schedule: Type.Optional(Type.String({ default: 'none', description: `The only schedule: ${WHEN}` })),
    period,
    timezone: Type.Optional(
      Type.String({ default: 'UTC', description: 'IANA time zone that the schedules are meant in.' }),
    ),
    language: Type.Optional(LanguageSchema),
    to: targets('none', 'Where reports go besides the reports folder.'),
    schedules: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }), ScheduleSchema, {
        minProperties: 1,
        default: 'none',
        description: 'Several schedules in the place of one, each by a name of your own.',
      }),
    ),
  },
  { ...strict, description: 'Health reports by schedule.' },
);

export type ReportTarget = Static<typeof ReportTargetSchema>;
export type ReportsFile = Static<typeof ReportsSchema>;
export type ScheduleFile = Static<typeof ScheduleSchema>;

export interface ReportSchedule {
  /** Null for the only one of a file that names none. */
  readonly name: string | null;
  /** A cron expression of five fields. */
  readonly cron: string;
  /** What a report is about; null: since the one before it. */
  readonly periodMs: number | null;
  readonly language: Language;
  readonly to: readonly ReportTarget[];
}

export interface ReportsSpec {
  readonly timezone: string;
  /** Of reports that somebody asks for. */
  readonly language: Language;
  readonly schedules: readonly ReportSchedule[];
}
