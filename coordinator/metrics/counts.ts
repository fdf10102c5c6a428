/** What the metrics count and time while the daemon runs. docs/metrics.md is generated from it. */

import { Counter, Histogram, type Registry } from 'prom-client';
import { OutageCauseSchema } from '../../shared/api/history.ts';

/** Every label has few values: kinds, routes and words of hotpair itself, never what somebody made up. */
export const COUNTS = {
  events: {
    ...{ type: 'counter', name: 'hotpair_events_total', labels: ['kind', 'severity'] },
    help: 'Events, by their kind (docs/events.md).',
  },
  outage: {
    ...{ type: 'histogram', name: 'hotpair_outage_seconds', labels: ['cause'] },
    help: 'How long nobody had the VIP, as far as it is known 5 s after its end: server-down, host-lost, isolated, disk-full, address-lost, planned, drill or unknown.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
  },
  reports: {
    ...{ type: 'counter', name: 'hotpair_report_deliveries_total', labels: ['outcome'] },
    help: 'Health reports to each of their targets, ok or failed.',
  },
  alerts: {
    ...{ type: 'counter', name: 'hotpair_alert_deliveries_total', labels: ['outcome'] },
    help: 'Messages of alerts to each of their receivers, ok or failed; each attempt counts.',
  },
  jobs: {
    ...{ type: 'counter', name: 'hotpair_jobs_total', labels: ['command', 'state'] },
    help: 'Commands that ran as jobs, by how they ended.',
  },
  requests: {
    ...{ type: 'histogram', name: 'hotpair_http_request_duration_seconds', labels: ['route', 'status'] },
    help: 'Requests to the REST interface, by name of the route.',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
  },
} as const;

export interface Counts {
  readonly events: Counter;
  readonly outage: Histogram;
  readonly reports: Counter;
  readonly alerts: Counter;
  readonly jobs: Counter;
  readonly requests: Histogram;
}

export function createCounts(registry: Registry): Counts {
  const counter = ({
    name,
    help,
    labels,
  }: (typeof COUNTS)['events' | 'reports' | 'alerts' | 'jobs']): Counter =>
    new Counter({ name, help, labelNames: [...labels], registers: [registry] });
  const histogram = ({ name, help, labels, buckets }: (typeof COUNTS)['outage' | 'requests']): Histogram =>
    new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
  const counts = {
    ...{ events: counter(COUNTS.events), outage: histogram(COUNTS.outage) },
    ...{
      reports: counter(COUNTS.reports),
      alerts: counter(COUNTS.alerts),
      jobs: counter(COUNTS.jobs),
      requests: histogram(COUNTS.requests),
    },
  };
  // What first appears with a 1 never rises for a Prometheus.
  for (const { const: cause } of OutageCauseSchema.anyOf) counts.outage.zero({ cause });
  for (const outcome of ['ok', 'failed'])
    for (const each of [counts.alerts, counts.reports]) each.inc({ outcome }, 0);
  return counts;
}
