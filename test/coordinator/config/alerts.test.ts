/** alerts of hotpair.yaml: what a receiver alone means, what is filled in, and what is refused in which words. */

import { test } from 'tap';
import { rulesOf } from '../../../coordinator/alerts/rules.ts';
import { parseFile, problemsOf } from '../../support/config-text.ts';

const PAIRS = `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
`;
const withAlerts = (alerts: string): string => `${PAIRS}alerts:\n${alerts}`;

test('a receiver alone is enough: every rule counts as it is', (t) => {
  const { alerts } = parseFile(
    withAlerts('  receivers: { hook: { format: webhook, url: "https://example.org/hook" } }\n'),
  );
  t.same(alerts, {
    receivers: [
      {
        ...{
          name: 'hook',
          format: 'webhook',
          to: null,
          url: { text: 'https://example.org/hook' },
          secret: null,
        },
        ...{ severity: 'warning', afterMs: 0, language: 'en' },
      },
    ],
    ...{ timezone: 'UTC', quiet: null, rules: {} },
  });
  const rules = rulesOf(alerts?.rules ?? {});
  t.equal(rules.get('solo')?.forMs, 900_000);
  t.equal(parseFile(PAIRS).alerts, undefined, 'nobody is alerted without');
  t.end();
});

test('everything that can be said', (t) => {
  const { alerts } = parseFile(
    withAlerts(`  language: zh
  timezone: Asia/Shanghai
  quiet_hours: 22:00-07:30
  receivers:
    group: { format: dingtalk, url_file: group.url, secret_env: GROUP_KEY }
    boss: { format: wecom, url_env: BOSS_URL, severity: critical, after: 15m, language: en }
  rules:
    solo: { for: 1h, repeat: 0s, severity: warning }
    drift: { enabled: false }
`),
  );
  t.match(alerts, {
    receivers: [
      { url: { file: '/etc/hotpair/group.url' }, secret: { env: 'GROUP_KEY' }, language: 'zh' },
      { url: { env: 'BOSS_URL' }, afterMs: 900_000, severity: 'critical', language: 'en' },
    ],
    quiet: { from: 1320, to: 450 },
  });
  const rules = rulesOf(alerts?.rules ?? {});
  t.match(rules.get('solo'), { forMs: 3_600_000, repeatMs: 0, severity: 'warning' });
  t.notOk(rules.has('drift'));
  t.end();
});

const receiver = (text: string): string => withAlerts(`  receivers: { one: { ${text} } }\n`);
const MISTAKES: readonly (readonly [title: string, text: string, words: RegExp])[] = [
  ['a format of nobody', receiver('format: fax'), /must be email or webhook or slack|must be email, webhook/],
  ['a webhook without an address', receiver('format: webhook'), /needs url or url_file or url_env/],
  [
    'an address given twice',
    receiver('format: slack, url_file: a, url_env: B'),
    /say it once: url_file is given already/,
  ],
  [
    'a secret that nobody asks for',
    receiver('format: slack, url_file: a, secret_file: b'),
    /slack has no use for it/,
  ],
  ['pagerduty without its key', receiver('format: pagerduty'), /needs secret_file or secret_env/],
  ['an address that is none', receiver('format: webhook, url: example.org'), /must be a URL/],
  [
    'e-mail without a mail server',
    receiver('format: email, to: dba@example.org'),
    /coordinator\.smtp is missing/,
  ],
  [
    'a delay in words',
    receiver('format: webhook, url: "https://a", after: soon'),
    /must be a length of time such as 90s/,
  ],
  ['nobody', withAlerts('  receivers: {}\n'), /at least 1 entry is needed/],
  [
    'a zone of no place',
    withAlerts('  timezone: Mars\n  receivers: { a: { format: slack, url_file: a } }\n'),
    /IANA time zone/,
  ],
  [
    'a quiet day',
    withAlerts('  quiet_hours: 07:00-07:00\n  receivers: { a: { format: slack, url_file: a } }\n'),
    /end at another time/,
  ],
  [
    'hours that are none',
    withAlerts('  quiet_hours: 22-7\n  receivers: { a: { format: slack, url_file: a } }\n'),
    /two times of the day/,
  ],
  [
    'a rule mistyped',
    withAlerts('  receivers: { a: { format: slack, url_file: a } }\n  rules: { sollo: {} }\n'),
    /did you mean solo/,
  ],
];

for (const [title, text, words] of MISTAKES)
  test(`mistake: ${title}`, (t) => {
    const problems = problemsOf(text);
    t.match(problems, [{ message: words }]);
    t.equal(problems.length, 1, problems.map(({ message }) => message).join(' | '));
    t.ok((problems[0]?.line ?? 0) > 6, 'at its place');
    t.end();
  });
