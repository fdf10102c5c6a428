/** The part of hotpair.yaml that says who is told of trouble, how, and when not. */

import { type Static, Type } from 'typebox';
import { type Language, LanguageSchema } from './language.ts';

const strict = { additionalProperties: false } as const;
const LENGTH = '^[0-9]{1,6}[smhdw]$';

const length = (description: string, text: string) =>
  Type.Optional(Type.String({ pattern: LENGTH, default: text, description }));
const text = (description: string, fallback: string) =>
  Type.Optional(Type.String({ default: fallback, description }));

export const ReceiverSchema = Type.Object(
  {
    format: Type.Union(
      [
        Type.Literal('email'),
        Type.Literal('webhook'),
        Type.Literal('slack'),
        Type.Literal('dingtalk'),
        Type.Literal('wecom'),
        Type.Literal('feishu'),
        Type.Literal('pagerduty'),
      ],
      { description: 'Who understands the messages.' },
    ),
    to: text('Address, of format email; needs coordinator.smtp.', 'none'),
    url: text(
      'Where messages are posted, where the address itself is no secret; pagerduty has one of its own.',
      'none',
    ),
    url_file: text('File on the coordinator with the address, on one line.', 'none'),
    url_env: text("Variable of the daemon's environment with the address.", 'none'),
    secret_file: text(
      'File with the secret: the key that messages are signed with, or the routing key of pagerduty.',
      'none',
    ),
    secret_env: text("Variable of the daemon's environment with the secret.", 'none'),
    severity: Type.Optional(
      Type.Union([Type.Literal('warning'), Type.Literal('critical')], {
        default: 'warning',
        description: 'The least severity that this receiver is told of.',
      }),
    ),
    after: length('Told only of what nobody has acknowledged for so long, e.g. 15m.', '0s'),
    language: Type.Optional(LanguageSchema),
  },
  strict,
);

export const RuleSchema = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Whether the rule counts.' })),
    severity: Type.Optional(
      Type.Union([Type.Literal('warning'), Type.Literal('critical')], {
        default: 'as in alerts.md',
        description: 'critical passes quiet hours.',
      }),
    ),
    for: length('How long it must be so before anybody is told.', 'as in alerts.md'),
    repeat: length('How often it is told again while nobody acknowledges it; 0s: never.', 'as in alerts.md'),
  },
  strict,
);

export const AlertsSchema = Type.Object(
  {
    receivers: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }), ReceiverSchema, {
      minProperties: 1,
      description: 'Who is told, by a name of your own.',
    }),
    language: Type.Optional(LanguageSchema),
    timezone: Type.Optional(
      Type.String({ default: 'UTC', description: 'IANA time zone of the quiet hours and of the messages.' }),
    ),
    quiet_hours: Type.Optional(
      Type.String({
        pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$',
        default: 'none',
        description: 'From when to when warnings wait, e.g. 22:00-07:30; what is critical is told at once.',
      }),
    ),
    rules: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z_]{0,30}$' }), RuleSchema, {
        default: 'every rule of alerts.md',
        description: 'What differs from the rules as they are.',
      }),
    ),
  },
  { ...strict, description: 'Alerts: who is told at once when something is wrong.' },
);

export type AlertsFile = Static<typeof AlertsSchema>;
export type ReceiverFile = Static<typeof ReceiverSchema>;
export type AlertSeverity = 'warning' | 'critical';

/** Where something secret is read from, at the time of its use. Files are absolute. */
export type SecretSource = { readonly text: string } | { readonly file: string } | { readonly env: string };

export interface ReceiverSpec {
  readonly name: string;
  readonly format: ReceiverFile['format'];
  readonly to: string | null;
  readonly url: SecretSource | null;
  readonly secret: SecretSource | null;
  readonly severity: AlertSeverity;
  readonly afterMs: number;
  readonly language: Language;
}

/** What the file says of a rule; what it leaves out is as in the table of rules. */
export interface RuleChange {
  readonly enabled?: boolean;
  readonly severity?: AlertSeverity;
  readonly forMs?: number;
  readonly repeatMs?: number;
}

export interface AlertsSpec {
  readonly receivers: readonly ReceiverSpec[];
  readonly timezone: string;
  /** Minutes of the day, in the time zone; null: never quiet. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  readonly rules: Readonly<Record<string, RuleChange>>;
}
