/** The part of hotpair.yaml that is about the coordinator itself: its settings. */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

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

export type SmtpSpec = Static<typeof SmtpSchema>;
