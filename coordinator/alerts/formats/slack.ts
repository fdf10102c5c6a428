/** Slack, by an incoming webhook. Pure. */

import { slackText } from '../../delivery/slack-text.ts';
import type { AlertMessage } from '../message.ts';
import type { RenderedAlert } from '../render-message.ts';
import type { AlertFormat } from './format.ts';

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: 200 and "ok", else a status and a word. */
export const SLACK: AlertFormat = {
  request: ({ url, message, rendered }) => ({
    url,
    body: JSON.stringify({ text: textOf(message, rendered) }),
  }),
  refusal: () => null,
};

function textOf(message: AlertMessage, { title, since, parts, command, footer }: RenderedAlert): string {
  return [
    `${sign(message)} *${slackText(title)}*`,
    slackText(since),
    ...parts.map((part) => `*${slackText(part.title)}*: ${slackText(part.text)}`),
    ...(command === null ? [] : [`\`\`\`${slackText(command)}\`\`\``]),
    ...(footer === null ? [] : [slackText(footer)]),
  ].join('\n');
}

function sign({ kind, severity }: AlertMessage): string {
  if (kind === 'cleared' || kind === 'test') return ':large_green_circle:';
  return severity === 'critical' ? ':red_circle:' : ':large_yellow_circle:';
}
