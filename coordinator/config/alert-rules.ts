/** What the schema cannot say about alerts: what each format needs, addresses, the names of rules. */

import type { AlertsFile, ReceiverFile } from '../../shared/model/alerts-file.ts';
import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';
import { ALERT_RULES } from '../alerts/rules.ts';
import { checkRecipient, isTimezone, isWebUrl } from './coordinator-rules.ts';
import { nearest } from './nearest.ts';
import type { Path, Report } from './problems.ts';

type Key = 'to' | 'url' | 'secret';
/** What each format must and may have. */
const KEYS: Readonly<Record<ReceiverFile['format'], { must: readonly Key[]; may: readonly Key[] }>> = {
  email: { must: ['to'], may: [] },
  webhook: { must: ['url'], may: ['secret'] },
  slack: { must: ['url'], may: [] },
  dingtalk: { must: ['url'], may: ['secret'] },
  wecom: { must: ['url'], may: [] },
  feishu: { must: ['url'], may: ['secret'] },
  pagerduty: { must: ['secret'], may: ['url'] },
};
const SPELLINGS: Readonly<Record<Key, readonly (keyof ReceiverFile)[]>> = {
  to: ['to'],
  url: ['url', 'url_file', 'url_env'],
  secret: ['secret_file', 'secret_env'],
};

export function checkAlerts(alerts: AlertsFile, smtp: SmtpSpec | undefined, report: Report): void {
  const { receivers, timezone, quiet_hours: quiet, rules = {} } = alerts;
  for (const [name, receiver] of Object.entries(receivers))
    checkReceiver(receiver, ['alerts', 'receivers', name], smtp, report);
  if (timezone !== undefined && !isTimezone(timezone))
    report(
      ['alerts', 'timezone'],
      `must be an IANA time zone such as Asia/Shanghai, not ${JSON.stringify(timezone)}`,
    );
  if (quiet !== undefined && quiet.slice(0, 5) === quiet.slice(6))
    report(['alerts', 'quiet_hours'], 'must end at another time than it begins');
  const known: readonly string[] = Object.keys(ALERT_RULES);
  for (const id of Object.keys(rules).filter((one) => !known.includes(one))) {
    const near = nearest(id, known);
    const hint = near === undefined ? `the rules are ${known.join(', ')}` : `did you mean ${near}?`;
    report(['alerts', 'rules', id], `there is no such rule; ${hint}`, 'key');
  }
}

function checkReceiver(receiver: ReceiverFile, path: Path, smtp: SmtpSpec | undefined, report: Report): void {
  const { format, to, url } = receiver;
  const { must, may } = KEYS[format];
  for (const key of Object.keys(SPELLINGS) as Key[]) {
    const given = SPELLINGS[key].filter((spelling) => receiver[spelling] !== undefined);
    const [first, second] = given;
    if (first === undefined && must.includes(key))
      report(path, `format ${format} needs ${SPELLINGS[key].join(' or ')}`);
    if (first !== undefined && !must.includes(key) && !may.includes(key))
      report([...path, first], `format ${format} has no use for it`);
    if (second !== undefined) report([...path, second], `say it once: ${first} is given already`);
  }
  if (to !== undefined && format === 'email') checkRecipient(to, smtp, [...path, 'to'], report);
  if (url !== undefined && !isWebUrl(url))
    report([...path, 'url'], 'must be a URL that begins with https:// or http://');
}
