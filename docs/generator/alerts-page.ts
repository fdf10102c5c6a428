/** docs/alerts.md from the tables of rules and the receivers' formats. */

import type { AlertRule } from '../../coordinator/alerts/rule.ts';
import { ALERT_RULES } from '../../coordinator/alerts/rules.ts';
import { code, heading, page, table } from './markdown.ts';

const INTRODUCTION = `\`coordinator serve\` tells people when something is wrong: what happened, since when, what hotpair does about it, and what is left for
them, with the command to type. Name a receiver in \`hotpair.yaml\`, restart the daemon, and try it: \`coordinator alert test\`.`;

const EXAMPLE = `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
coordinator: { smtp: { host: mail.example.org, from: hotpair@example.org } }
alerts:
  receivers:
    dba: { format: email, to: dba@example.org }
    group: { format: dingtalk, url_file: dingtalk.url, secret_file: dingtalk.secret, language: zh }
    pager: { format: pagerduty, secret_env: PAGERDUTY_KEY, severity: critical }
    boss: { format: slack, url_file: slack.url, severity: critical, after: 15m }
  timezone: Asia/Shanghai
  quiet_hours: 22:00-07:30
  rules:
    solo: { for: 30m }
    drill_overdue: { for: 30d }
    drift: { enabled: false }
`;

const HOW = `- **One alert at a time** for each rule, pair and host. It is told once it has been so for the time of its rule, told again after \`repeat\`, and its end is told to
  everybody who knows of it. What comes and goes within 15 s is one alert. What is over before it was told is told to nobody; a take-over that happened is told even if everything is well by then.
- **Quiet hours** hold warnings back until they end. What is critical passes.
- **Escalation**: a receiver with \`after\` is told of what nobody has acknowledged for so long. \`coordinator alert list\` shows the numbers, \`coordinator alert ack 12\` says that you are on it:
  no repeats, no escalation, and the others are told who has it.
- **While somebody deploys or drills** nothing new is told but what is wrong whatever they do. Planned switchovers and drills are no take-overs. SOLO by an order of yours (\`maintenance\`, \`solo\`) is not told either.
- **Many at once**: more than three pairs with the same trouble in the same second are one message to people, which names the others; webhooks and PagerDuty get each.
- **Silence is no all-clear**: what is known of a host that does not answer stays as it was.
- **Nothing is lost**: what is decided and the messages that follow from it are written to the store in one go, before anything is sent. A message leaves the outbox once its receiver has taken it; until then it is
  tried again, after 1 s, then with doubling pauses up to 5 min, for a day, also by a daemon that was killed in between. Five failures in a row are an event (\`AlertFailed\`).
- **Nothing is told twice** to a receiver that honours the id of a message, which is the same at each attempt. Chat groups have no such thing: after a kill in the wrong millisecond they may see a message twice.
- **Who watches the watcher**: a coordinator that does not run tells nothing. Watch its service, too, from elsewhere.

A rule that is switched off, or a pair that leaves the file, takes its open alerts along without a message.
`;

const SECRETS = `The addresses of chat groups are secrets, and so are keys: put each into a file of its own (0600, one line) or into the daemon's environment, and name it with \`url_file\`, \`secret_file\`,
\`url_env\` or \`secret_env\`. They are read at each use, so a new one needs no restart. They never appear in logs, events, answers or the store; of an address its host is told.
`;

const FORMATS: readonly (readonly string[])[] = [
  ['`email`', '`to`', '', 'Text and HTML by `coordinator.smtp`; the Message-ID is the id of the message.'],
  [
    '`webhook`',
    'address',
    'key that signs',
    'JSON, signed as [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md); see below.',
  ],
  ['`slack`', 'address', '', 'An incoming webhook.'],
  [
    '`dingtalk`',
    'address',
    '加签 secret (`SEC…`), if set',
    'A custom robot of a group (自定义机器人). With 自定义关键词, take the word hotpair.',
  ],
  ['`wecom`', 'address', '', 'A robot of a group (群机器人); at most 2048 bytes.'],
  [
    '`feishu`',
    'address',
    '签名校验 secret, if set',
    'A custom bot of a group (自定义机器人). With 自定义关键词, take the word hotpair.',
  ],
  [
    '`pagerduty`',
    'none; or another region’s',
    'routing key of an Events API v2 integration',
    'Trigger, acknowledge and resolve of one incident for each rule, pair and host. What is acknowledged there does not come back here. A test opens an incident of severity info, for you to close.',
  ],
];

const WEBHOOK = `POST /hook
webhook-id: 0f8fad5b-d9cb-469f-a165-70867728950e      the same at each attempt: take it once
webhook-timestamp: 1795316460                         of this attempt, in seconds
webhook-signature: v1,…                               base64 of the HMAC-SHA256 of ID.TIMESTAMP.BODY

{ "type": "alert.raised",                             or repeated, escalated, acknowledged, cleared, test
  "timestamp": "2026-11-22T03:01:00.000Z",
  "data": { "alert": 12, "key": "repair/orders/db2", "rule": "repair", "severity": "critical",
            "since": "2026-11-22T03:00:00.000Z", "acknowledgedBy": null,
            "pair": "orders", "host": "db2", "vip": "10.88.0.10",
            "title": "…", "text": "…", "command": "coordinator reseed db2" } }
`;

export function renderAlerts(): string {
  const rules = Object.entries(ALERT_RULES).map(([id, rule]: [string, AlertRule]) => [
    `\`${id}\``,
    rule.severity,
    length(rule.forMs),
    rule.repeatMs === 0 ? 'never' : length(rule.repeatMs),
    rule.why,
  ]);
  return page('Alerts', 'coordinator/alerts', INTRODUCTION, [
    code(EXAMPLE, 'yaml'),
    'Every key is in [configuration.md](configuration.md#alerts).\n',
    heading(2, 'Rules'),
    table([['rule', 'severity', 'for', 'repeat', 'why'], ...rules]),
    heading(2, 'How it is told'),
    HOW,
    heading(2, 'Receivers'),
    table([['format', 'where', 'secret', ''], ...FORMATS]),
    SECRETS,
    heading(2, 'The generic webhook'),
    code(WEBHOOK, 'text'),
    'A secret that begins with `whsec_` is base64 after it, as the libraries of Standard Webhooks have it; any other text is the key itself. Answer 2xx once you have it; `Retry-After` is heeded.\n',
  ]);
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const;

/** As the file has it: 15m, 4h. */
function length(ms: number): string {
  const [unit, name] = UNITS.find(([one]) => ms >= one && ms % one === 0) ?? [1000, 's'];
  return `${ms / unit}${name}`;
}
