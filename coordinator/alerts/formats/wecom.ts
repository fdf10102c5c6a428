/** WeCom (企业微信), by a robot of a group. Pure. */

import { alertText } from '../render-message.ts';
import { type AlertFormat, fitBytes, refusalByCode } from './format.ts';

/** Longer text is refused. */
const MOST_BYTES = 2048;

/** https://developer.work.weixin.qq.com/document/path/91770: text of at most 2048 bytes; the answer is 200 with errcode 0. */
export const WECOM: AlertFormat = {
  request: ({ url, rendered }) => ({
    url,
    body: JSON.stringify({
      msgtype: 'text',
      text: { content: fitBytes(`hotpair ${rendered.title}\n\n${alertText(rendered)}`, MOST_BYTES) },
    }),
  }),
  refusal: (answer) => refusalByCode(answer, 'errcode', 'errmsg'),
};
