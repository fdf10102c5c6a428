/** What happened to a pair: events, outages with their time line, samples for plots, runs and reports. */

import { type Static, Type } from 'typebox';
import { nullable, strict, Time, translated } from './schema.ts';

const Cursor = nullable(
  Type.String({ description: 'Give it as "cursor" for the next page; null at the end.' }),
);

export const EventViewSchema = Type.Object(
  {
    id: Type.Integer(),
    time: Time,
    pair: Type.String({ description: '"-" for what concerns the coordinator itself.' }),
    host: nullable(Type.String()),
    kind: Type.String({ description: 'A kind of docs/events.md.' }),
    severity: Type.Union([
      Type.Literal('ok'),
      Type.Literal('info'),
      Type.Literal('warning'),
      Type.Literal('critical'),
    ]),
    message: Type.String(),
    translations: translated({ message: Type.String() }),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  strict,
);
export type EventView = Static<typeof EventViewSchema>;

export const EventPageSchema = Type.Object(
  { events: Type.Array(EventViewSchema, { description: 'Newest first.' }), next: Cursor },
  strict,
);
export type EventPage = Static<typeof EventPageSchema>;

export const OutageCauseSchema = Type.Union([
  Type.Literal('server-down'),
  Type.Literal('host-lost'),
  Type.Literal('isolated'),
  Type.Literal('disk-full'),
  Type.Literal('address-lost'),
  Type.Literal('planned'),
  Type.Literal('drill'),
  Type.Literal('unknown'),
]);
export type OutageCause = Static<typeof OutageCauseSchema>;

export const OutageViewSchema = Type.Object(
  {
    id: Type.Integer({ description: 'Id of the event that ended it.' }),
    from: Type.String(),
    to: Type.String({ description: 'The same host where the VIP was away and came back.' }),
    began: nullable(Time),
    ended: Time,
    gapFrom: nullable(
      Type.Union([Type.Literal('guards'), Type.Literal('heartbeats')], {
        description:
          'Whether both ends are known from the guards; from heartbeats it was no longer than this; null if nobody watched.',
      }),
    ),
    gapMs: nullable(
      Type.Number({
        description:
          'How long nobody had the VIP, which comes when the new primary accepts writes; null if nobody watched.',
      }),
    ),
    cause: OutageCauseSchema,
    because: nullable(
      Type.Object(
        { host: Type.String(), time: Time, row: Type.String(), reason: Type.String() },
        {
          ...strict,
          description: "The guard's decision that the cause is known from; null: from events alone.",
        },
      ),
    ),
    phases: nullable(
      Type.Record(Type.String(), Type.Number(), { description: 'Of the takeover, ms, in order.' }),
    ),
  },
  strict,
);
export type OutageView = Static<typeof OutageViewSchema>;
export const OutagesSchema = Type.Object({ outages: Type.Array(OutageViewSchema) }, strict);

export const TimelineEntrySchema = Type.Object(
  {
    time: Time,
    observer: Type.String({ description: 'Who saw or decided it: "coordinator", or the guard of a host.' }),
    type: Type.Union([Type.Literal('event'), Type.Literal('decision')]),
    id: Type.String(),
    kind: nullable(Type.String({ description: 'Kind of the event.' })),
    severity: nullable(Type.String()),
    host: nullable(Type.String()),
    row: nullable(Type.String({ description: 'Row of the decision table.' })),
    text: Type.String({ description: 'What happened, or the reason of the decision.' }),
    translations: nullable(translated({ text: Type.String() })),
    fromPhase: nullable(Type.String()),
    toPhase: nullable(Type.String()),
    epoch: nullable(Type.Integer()),
    mode: nullable(Type.String()),
    voters: Type.Array(Type.String(), { description: 'Names of those that had promised or accepted.' }),
    effects: Type.Array(Type.String(), { description: 'What was done, in order.' }),
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  strict,
);
export type TimelineEntry = Static<typeof TimelineEntrySchema>;

export const OutageDetailSchema = Type.Object(
  {
    outage: OutageViewSchema,
    explanation: Type.Array(Type.String(), { description: 'The same in a few lines for people.' }),
    translations: translated({ explanation: Type.Array(Type.String()) }),
    timeline: Type.Array(TimelineEntrySchema, { description: 'Oldest first.' }),
  },
  strict,
);
export type OutageDetail = Static<typeof OutageDetailSchema>;

export const SeriesSchema = Type.Object(
  {
    metric: Type.Union([
      Type.Literal('lag'),
      Type.Literal('gtid-gap'),
      Type.Literal('commits'),
      Type.Literal('connections'),
      Type.Literal('served'),
      Type.Literal('sync'),
      Type.Literal('load'),
      Type.Literal('disk-free'),
    ]),
    host: nullable(Type.String({ description: 'Null where it is of the pair.' })),
    unit: Type.String(),
    values: Type.Array(nullable(Type.Number()), { description: 'One for each time; null: not known.' }),
  },
  strict,
);

export const SamplesSchema = Type.Object(
  {
    pair: Type.String(),
    from: Time,
    to: Time,
    stepMs: Type.Integer({ description: 'Length of the time that each value stands for.' }),
    times: Type.Array(Time, { description: 'Beginning of each step, ascending; steps without data lack.' }),
    series: Type.Array(SeriesSchema),
  },
  strict,
);
export type Samples = Static<typeof SamplesSchema>;

export const RunViewSchema = Type.Object(
  {
    id: Type.Integer(),
    command: Type.String(),
    pair: Type.String(),
    started: Time,
    ended: nullable(Time),
    outcome: nullable(
      Type.Union([
        Type.Literal('ok'),
        Type.Literal('failed'),
        Type.Literal('refused'),
        Type.Literal('interrupted'),
      ]),
    ),
    changes: nullable(Type.Integer()),
  },
  strict,
);
export type RunView = Static<typeof RunViewSchema>;

export const RunPageSchema = Type.Object(
  { runs: Type.Array(RunViewSchema, { description: 'Newest first.' }), next: Cursor },
  strict,
);
export type RunPage = Static<typeof RunPageSchema>;

export const RunDetailSchema = Type.Object(
  {
    run: RunViewSchema,
    steps: Type.Array(
      Type.Object(
        {
          step: Type.String(),
          outcome: Type.Union([Type.Literal('done'), Type.Literal('skipped'), Type.Literal('failed')]),
          changes: Type.Integer(),
          durationMs: Type.Number(),
          message: Type.String(),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type RunDetail = Static<typeof RunDetailSchema>;

export const ReportListSchema = Type.Object(
  {
    reports: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          formats: Type.Array(Type.Union([Type.Literal('json'), Type.Literal('html'), Type.Literal('text')])),
        },
        strict,
      ),
      { description: 'Newest first.' },
    ),
  },
  strict,
);
export type ReportList = Static<typeof ReportListSchema>;
