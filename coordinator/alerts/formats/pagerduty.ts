/** PagerDuty, by its Events API v2. Pure. */

import { alertText } from '../render-message.ts';
import type { AlertFormat, FormatInput } from './format.ts';

/** https://developer.pagerduty.com/docs/send-alert-event: a longer one is refused. */
const MOST_SUMMARY = 1024;

/**
 * https://developer.pagerduty.com/docs/events-api-v2-overview: the routing key is in the body; what has the same dedup_key (at
 * most 255 characters) is one incident, which `acknowledge` and `resolve` are about. 202: taken; else the status says it.
 */
export const PAGERDUTY: AlertFormat = {
  request: (input) => ({ url: input.url, body: JSON.stringify(eventOf(input)) }),
  refusal: () => null,
};

export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

function eventOf({ message, rendered, secret, id }: FormatInput): object {
  const { kind, key, rule, severity, params, since } = message;
  const action = kind === 'cleared' ? 'resolve' : kind === 'acknowledged' ? 'acknowledge' : 'trigger';
  const event = { routing_key: secret, event_action: action, dedup_key: `hotpair/${key}` };
  if (action !== 'trigger') return event;
  return {
    ...event,
    client: 'hotpair',
    payload: {
      summary: rendered.title.slice(0, MOST_SUMMARY),
      source: params.host ?? params.pair,
      severity: kind === 'test' ? 'info' : severity,
      timestamp: new Date(since).toISOString(),
      ...{ component: 'hotpair', group: params.pair, class: rule },
      custom_details: { alert: id, text: alertText(rendered), command: rendered.command },
    },
  };
}
