/** What the agent tells Prometheus of itself and its host. docs/metrics.md is generated from the table. */

import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Heartbeat } from '../shared/model/facts.ts';
import type { ActionResult } from '../shared/protocol/actions.ts';
import { BUILD_VERSION } from '../shared/protocol/version.ts';

/** Between two looks at the event loop: every 10 ms, as is usual, they alone cost half of what an agent at rest does. */
const EVENT_LOOP_MS = 100;

type Value = number | boolean | null | undefined;

export const AGENT_GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly read: (heartbeat: Heartbeat) => Value;
}[] = [
  { name: 'hotpair_server_up', help: 'The database server answers.', read: ({ database }) => database.up },
  {
    ...{ name: 'hotpair_server_writable', help: 'The database server accepts writes.' },
    read: ({ database: { readOnly } }) => (readOnly === null ? null : !readOnly),
  },
  {
    ...{ name: 'hotpair_guard_up', help: 'The guard runs and speaks.' },
    read: ({ guard }) => guard !== null,
  },
  { name: 'hotpair_vip_holder', help: 'The VIP is here.', read: ({ guard }) => guard?.hasVip },
  {
    name: 'hotpair_leased',
    help: 'A majority lets this host serve.',
    read: ({ guard }) => guard?.voting?.leased,
  },
  {
    ...{ name: 'hotpair_lease_margin_seconds', help: 'What is left of its lease.' },
    read: ({ guard }) => inSeconds(guard?.voting?.leaseMs),
  },
  {
    ...{ name: 'hotpair_standby_promotable', help: 'A takeover by this host would lose nothing.' },
    read: ({ guard }) => guard?.voting?.promotable,
  },
  {
    ...{ name: 'hotpair_peer_heard', help: 'The guard hears the one of the other host.' },
    read: ({ guard }) => guard?.voting?.hears.peer,
  },
  {
    ...{ name: 'hotpair_witness_heard', help: 'The guard hears the witness.' },
    read: ({ guard }) => guard?.voting?.hears.witness,
  },
  {
    ...{ name: 'hotpair_replication_lag_seconds', help: 'By the server itself.' },
    read: ({ database }) => database.channel?.secondsBehind,
  },
];

export const AGENT_TIMES = {
  heartbeat: {
    ...{ name: 'hotpair_heartbeat_probe_seconds', labels: [] },
    help: 'How long it took to look at the host and its server for a heartbeat.',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
  },
  action: {
    ...{ name: 'hotpair_action_duration_seconds', labels: ['action', 'mode', 'outcome'] },
    help: 'Actions of the coordinator on this host.',
    buckets: [0.01, 0.1, 1, 10, 60, 300],
  },
} as const;

export class AgentMetrics {
  readonly #registry = new Registry();
  readonly #gauges: readonly { gauge: Gauge; read: (heartbeat: Heartbeat) => Value }[];
  readonly #heartbeat: Histogram;
  readonly #action: Histogram;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
    const info = { name: 'hotpair_build_info', help: 'Always 1; the version is a label.', registers };
    new Gauge({ ...info, labelNames: ['version'] }).set({ version: BUILD_VERSION }, 1);
    this.#gauges = AGENT_GAUGES.map(({ name, help, read }) => ({
      gauge: new Gauge({ name, help, registers }),
      read,
    }));
    const time = ({
      name,
      help,
      labels,
      buckets,
    }: (typeof AGENT_TIMES)[keyof typeof AGENT_TIMES]): Histogram =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
    this.#heartbeat = time(AGENT_TIMES.heartbeat);
    this.#action = time(AGENT_TIMES.action);
  }

  heartbeatMade(ms: number): void {
    this.#heartbeat.observe(ms / 1000);
  }

  actionDone({ action, outcome, durationMs }: ActionResult, mode: string): void {
    this.#action.observe({ action, mode, outcome }, durationMs / 1000);
  }

  /** What is not known now is left out. */
  async render(heartbeat: Heartbeat): Promise<{ readonly type: string; readonly body: string }> {
    for (const { gauge, read } of this.#gauges) {
      const value = read(heartbeat);
      gauge.remove();
      if (value != null) gauge.set(Number(value));
    }
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
