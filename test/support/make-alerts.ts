/** Alerts of hotpair.yaml with what a test wants different. */

import type { AlertsSpec, ReceiverSpec } from '../../shared/model/alerts-file.ts';

export function makeReceiver(wish: Partial<ReceiverSpec> = {}): ReceiverSpec {
  return {
    ...{ name: 'group', format: 'webhook', to: null, url: { text: 'http://127.0.0.1:9' }, secret: null },
    ...{ severity: 'warning', afterMs: 0, language: 'en' },
    ...wish,
  };
}

export function makeAlerts(wish: Partial<AlertsSpec> = {}): AlertsSpec {
  return { receivers: [makeReceiver()], timezone: 'UTC', quiet: null, rules: {}, ...wish };
}
