/** Feishu (飞书), by a custom bot of a group. Pure. */

import { createHmac } from 'node:crypto';
import { alertText } from '../render-message.ts';
import { type AlertFormat, refusalByCode } from './format.ts';

/**
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the signature is the base64 HMAC-SHA256 of nothing, with
 * the time in seconds, a line end and the secret as the key (unlike DingTalk's); both go into the body. The answer is 200
 * with code 0.
 */
export const FEISHU: AlertFormat = {
  request: ({ url, secret, now, rendered }) => ({
    url,
    body: JSON.stringify({
      ...(secret === null ? {} : signature(secret, Math.floor(now / 1000))),
      msg_type: 'text',
      content: { text: `hotpair ${rendered.title}\n\n${alertText(rendered)}` },
    }),
  }),
  refusal: (answer) => refusalByCode(answer, 'code', 'msg'),
};

function signature(secret: string, seconds: number): { timestamp: string; sign: string } {
  const sign = createHmac('sha256', `${seconds}\n${secret}`).update('').digest('base64');
  return { timestamp: String(seconds), sign };
}
