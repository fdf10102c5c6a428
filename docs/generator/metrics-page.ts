/** docs/metrics.md from the tables of metrics. */

import { AGENT_GAUGES, AGENT_TIMES } from '../../agent/metrics.ts';
import { COUNTS } from '../../coordinator/metrics/counts.ts';
import { GAUGES } from '../../coordinator/metrics/gauges.ts';
import { heading, page, table } from './markdown.ts';

const INTRODUCTION = `\`GET /metrics\` of the coordinator tells of all pairs; it wants a token (role viewer). The agents have a \`/metrics\` of their own behind their mutual TLS, for whoever wants to know of a host
without the coordinator: \`coordinator agent metrics FOLDER\` makes the certificate that they answer to. What is not known is left out, not told as 0.

\`\`\`text
scrape_configs:
  - job_name: hotpair
    scheme: http
    authorization: { credentials_file: /etc/prometheus/hotpair.token }   # coordinator token create prometheus
    static_configs: [{ targets: ["127.0.0.1:8080"] }]
  - job_name: hotpair-agents
    scheme: https
    tls_config: { ca_file: /etc/prometheus/hotpair/ca.crt, cert_file: /etc/prometheus/hotpair/metrics.crt, key_file: /etc/prometheus/hotpair/metrics.key }
    static_configs: [{ targets: ["10.88.0.11:7433", "10.88.0.12:7433"] }]
\`\`\`

For Prometheus there are alerting rules, \`install/prometheus/hotpair.rules.yml\` (\`rule_files\`; they expect the job name \`hotpair\`), tried by \`promtool\` and against a real pair in the project's own tests;
for Grafana a dashboard, \`install/grafana/hotpair.json\` (Dashboards, Import).

Labels have few values: names of the file, and words of hotpair itself. A pair has about a hundred series.
`;

const NODE = `Besides, both have what [prom-client](https://github.com/siimon/prom-client) knows of a Node process: \`process_*\` (processor, memory, files) and \`nodejs_*\`, among them the delay of the
event loop (\`nodejs_eventloop_lag_p99_seconds\`), which they look at every 100 ms: the time between two looks is part of what it tells.
`;

export function renderMetrics(): string {
  const labels = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const head = ['metric', 'type', 'labels', ''];
  return page('Metrics', 'coordinator/metrics and agent/metrics.ts', INTRODUCTION, [
    heading(2, 'Of the coordinator'),
    table([
      head,
      ['`hotpair_build_info`', 'gauge', labels(['version']), 'Always 1; the version is a label.'],
      ...GAUGES.map((row) => [`\`${row.name}\``, 'gauge', labels(row.labels), row.help]),
      ...Object.values(COUNTS).map((row) => [`\`${row.name}\``, row.type, labels(row.labels), row.help]),
    ]),
    heading(2, 'Of an agent'),
    table([
      head,
      ['`hotpair_build_info`', 'gauge', labels(['version']), 'Always 1; the version is a label.'],
      ...AGENT_GAUGES.map(({ name, help }) => [`\`${name}\``, 'gauge', '', help]),
      ...Object.values(AGENT_TIMES).map((row) => [
        `\`${row.name}\``,
        'histogram',
        labels(row.labels),
        row.help,
      ]),
    ]),
    NODE,
  ]);
}
