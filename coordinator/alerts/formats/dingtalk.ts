/** DingTalk (钉钉), by a custom robot of a group. Pure. */

import { createHmac } from 'node:crypto';
import { alertText } from '../render-message.ts';
import { type AlertFormat, refusalByCode } from './format.ts';

/**
 * https://open.dingtalk.com/document/orgapp/custom-robot-access and, for the signature,
 * https://open.dingtalk.com/document/orgapp/customize-robot-security-settings: the base64 HMAC-SHA256, with the secret as the
 * key, of the time in ms, a line end and the secret; both go into the query. The answer is 200 with errcode 0.
 */
export const DINGTALK: AlertFormat = {
  request: ({ url, secret, now, rendered }) => ({
    url: secret === null ? url : signed(url, secret, now),
    body: JSON.stringify({
      msgtype: 'text',
      text: { content: `hotpair ${rendered.title}\n\n${alertText(rendered)}` },
    }),
  }),
  refusal: (answer) => refusalByCode(answer, 'errcode', 'errmsg'),
};

function signed(text: string, secret: string, now: number): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.searchParams.set('timestamp', String(now));
  url.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'));
  return url.href;
}
