/** The part of hotpair.yaml that is about the coordinator itself: its settings, its reports and where they go. */

import { type Static, Type } from 'typebox';

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

export const ReportsSchema = Type.Object(
  {
    schedule: Type.String({
      description:
        'daily, weekly (on Mondays) or monthly (on the first), at 08:00; or a cron expression of five fields: minute, hour, day of month, month, day of week. A report looks back to the one before it.',
    }),
    timezone: Type.Optional(
      Type.String({ default: 'UTC', description: 'IANA time zone that the schedule is meant in.' }),
    ),
    to: Type.Optional(
      Type.Array(ReportTargetSchema, {
        default: 'none',
        description: 'Where reports go besides the reports folder.',
      }),
    ),
  },
  { ...strict, description: 'Health reports by schedule.' },
);

export const SmtpSchema = Type.Object(
  {
    host: Type.String({ description: 'Name or address of the mail server.' }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        default: '465 with implicit TLS, else 587',
        description: 'Port of the mail server.',
      }),
    ),
    from: Type.String({ description: 'Sender address of the reports.' }),
    user: Type.Optional(
      Type.String({ default: 'no login', description: 'Account on the mail server; needs password_file.' }),
    ),
    password_file: Type.Optional(
      Type.String({
        default: 'none',
        description: 'File on the coordinator with the password of the account.',
      }),
    ),
    tls: Type.Optional(
      Type.Union([Type.Literal('implicit'), Type.Literal('starttls'), Type.Literal('none')], {
        default: 'starttls',
        description: 'How the connection is encrypted.',
      }),
    ),
  },
  { ...strict, description: 'Mail server that sends the reports.' },
);

export const TlsSchema = Type.Object(
  {
    cert: Type.String({ description: 'File with the certificate (PEM), its chain after it.' }),
    key: Type.String({ description: 'File with its private key (PEM).' }),
  },
  {
    ...strict,
    description:
      "Certificate of the daemon's interface. Where other machines reach it and nothing is given, it is one of the coordinator's own authority.",
  },
);

export const CoordinatorSchema = Type.Object(
  {
    listen: Type.Optional(
      Type.String({
        default: '127.0.0.1:8080',
        description:
          'Address and port of the daemon. What other machines reach is served over TLS, never without.',
      }),
    ),
    tls: Type.Optional(TlsSchema),
    data: Type.Optional(
      Type.String({
        default: '/var/lib/hotpair',
        description: 'Folder of keys, secrets, events and reports.',
      }),
    ),
    agent_port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 7433, description: 'Port of the agents.' }),
    ),
    ssh_config: Type.Optional(
      Type.String({
        default: "the system's own",
        description: 'ssh_config file for the agent installation (ssh -F).',
      }),
    ),
    smtp: Type.Optional(SmtpSchema),
  },
  { ...strict, description: 'Settings of the coordinator itself.' },
);

export type ReportTarget = Static<typeof ReportTargetSchema>;
export type SmtpSpec = Static<typeof SmtpSchema>;
