/** Brings one message to one receiver, once: reads its secrets, writes the message in its format, and reads its answer. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { postJson } from '../delivery/post-json.ts';
import { sendMail } from '../delivery/send-mail.ts';
import { alertMail } from './alert-mail.ts';
import { DINGTALK } from './formats/dingtalk.ts';
import { FEISHU } from './formats/feishu.ts';
import type { AlertFormat } from './formats/format.ts';
import { PAGERDUTY, PAGERDUTY_URL } from './formats/pagerduty.ts';
import { SLACK } from './formats/slack.ts';
import { WEBHOOK } from './formats/webhook.ts';
import { WECOM } from './formats/wecom.ts';
import type { AlertMessage } from './message.ts';
import { readSecret } from './read-secret.ts';
import { renderAlert } from './render-message.ts';

const FORMATS: Readonly<Record<Exclude<ReceiverSpec['format'], 'email'>, AlertFormat>> = {
  webhook: WEBHOOK,
  slack: SLACK,
  dingtalk: DINGTALK,
  wecom: WECOM,
  feishu: FEISHU,
  pagerduty: PAGERDUTY,
};

export interface AlertToSend {
  readonly message: AlertMessage;
  readonly uuid: string;
  /** Number of the alert. */
  readonly id: number;
}

/** Throws AppError DELIVERY_FAILED; nothing secret is in it. */
export async function sendAlert(
  alert: AlertToSend,
  receiver: ReceiverSpec,
  spec: HotpairSpec,
  signal: AbortSignal,
): Promise<void> {
  const { message, uuid, id } = alert;
  const { smtp } = spec.coordinator;
  const rendered = renderAlert(message, id, receiver.language, spec.alerts?.timezone ?? 'UTC');
  if (receiver.format === 'email') {
    const mail = alertMail(message, rendered, { uuid, id, from: smtp?.from ?? '' });
    return sendMail(mail, receiver.to ?? '', smtp, 'The alert', signal);
  }
  const format = FORMATS[receiver.format];
  const url = receiver.url === null ? PAGERDUTY_URL : await readSecret(receiver.url);
  const secret = receiver.secret === null ? null : await readSecret(receiver.secret);
  const what = `The receiver ${receiver.name}`;
  const request = format.request({ message, rendered, uuid, id, url, secret, now: Date.now() });
  const refusal = format.refusal(await postJson(request, what, signal));
  if (refusal !== null) throw new AppError('DELIVERY_FAILED', `${what} did not take the alert: ${refusal}.`);
}
