/** What GET /metrics answers: states of the pairs as they are when it is asked, and what was counted since the daemon began. */

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { OutageView } from '../../shared/api/history.ts';
import type { PairDetail } from '../../shared/api/pair-view.ts';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import type { Jobs } from '../api/jobs.ts';
import type { PairBoard } from '../api/pair-board.ts';
import { severityOf } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { type Counts, createCounts } from './counts.ts';
import { GAUGES } from './gauges.ts';

/** Between two looks at the event loop: every 10 ms, as is usual, they cost half a percent of a core. */
const EVENT_LOOP_MS = 100;

export interface Metrics {
  render(): Promise<{ readonly type: string; readonly body: string }>;
  /** A request to a route of the table was answered. */
  answered(route: string, status: number, seconds: number): void;
  /** What is known of an outage is complete. */
  outageEnded(outage: OutageView): void;
  /** A message of an alert was tried. */
  alertSent(taken: boolean): void;
}

export function createMetrics(board: PairBoard, jobs: Jobs): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
  const info = new Gauge({
    ...{ name: 'hotpair_build_info', help: 'Always 1; the version is a label.', labelNames: ['version'] },
    registers: [registry],
  });
  info.set({ version: HOTPAIR_VERSION }, 1);
  const fill = addGauges(registry);
  const counts = createCounts(registry);
  board.listen({ eventStored: (event) => countEvent(counts, event) });
  jobs.listen(({ command, state }) => {
    if (state !== 'running') counts.jobs.inc({ command, state });
  });
  return {
    async render() {
      fill(board.pairs.map(({ spec }) => board.detail(spec.name)));
      return { type: registry.contentType, body: await registry.metrics() };
    },
    outageEnded: ({ cause, gapMs }) => {
      if (gapMs !== null) counts.outage.observe({ cause }, gapMs / 1000);
    },
    alertSent: (taken) => counts.alerts.inc({ outcome: taken ? 'ok' : 'failed' }),
    answered: (route, status, seconds) => counts.requests.observe({ route, status: String(status) }, seconds),
  };
}

function addGauges(registry: Registry): (pairs: readonly PairDetail[]) => void {
  const gauges = GAUGES.map((row) => ({
    row,
    gauge: new Gauge({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [registry] }),
  }));
  return (pairs) => {
    for (const { row, gauge } of gauges) {
      gauge.reset();
      for (const pair of pairs)
        for (const [labels, value] of row.read(pair)) gauge.labels(...labels).set(value);
    }
  };
}

function countEvent(counts: Counts, event: StoredEvent): void {
  counts.events.inc({ kind: event.kind, severity: severityOf(event) });
  if (event.kind === 'ReportSent' || event.kind === 'ReportFailed') countDeliveries(counts, event);
}

function countDeliveries(counts: Counts, { data }: StoredEvent): void {
  const outcomes = Array.isArray(data['outcomes']) ? (data['outcomes'] as readonly { ok?: unknown }[]) : [];
  for (const { ok } of outcomes) counts.reports.inc({ outcome: ok === true ? 'ok' : 'failed' });
}
