/** The generic webhook: the alert as data and as text, signed as Standard Webhooks are. Pure. */

import { createHmac } from 'node:crypto';
import { alertText } from '../render-message.ts';
import type { AlertFormat, FormatInput } from './format.ts';

const NEVER = (): null => null; // The status has said it.

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: webhook-id is the same at each
 * attempt, so that the receiver takes it once; webhook-timestamp is of the attempt, in seconds; webhook-signature is
 * `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`.
 */
export const WEBHOOK: AlertFormat = {
  request(input) {
    const { url, secret, uuid, now } = input;
    const body = bodyOf(input);
    const timestamp = String(Math.floor(now / 1000));
    const signature =
      secret === null ? {} : { 'webhook-signature': sign(secret, `${uuid}.${timestamp}.${body}`) };
    return { url, body, headers: { 'webhook-id': uuid, 'webhook-timestamp': timestamp, ...signature } };
  },
  refusal: NEVER,
};

function bodyOf({ message, rendered, id }: FormatInput): string {
  const { kind, key, rule, severity, params, since, time, by } = message;
  return JSON.stringify({
    type: `alert.${kind}`,
    timestamp: new Date(time).toISOString(),
    data: {
      ...{ alert: id, key, rule, severity, since: new Date(since).toISOString(), acknowledgedBy: by },
      ...{ pair: params.pair, host: params.host, vip: params.vip },
      ...{ title: rendered.title, text: alertText(rendered), command: rendered.command },
    },
  });
}

/** A secret in the serialization of Standard Webhooks is base64 after `whsec_`; any other text is the key itself. */
function sign(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
