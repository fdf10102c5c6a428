/** What GET /metrics answers: the registry of this daemon, filled from the board when it is asked. */

import { collectDefaultMetrics, Registry } from 'prom-client';

export interface Metrics {
  render(): Promise<{ readonly type: string; readonly body: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    render: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}
