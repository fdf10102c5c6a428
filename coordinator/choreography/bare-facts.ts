/** Facts of two hosts of which nothing is known: what a plan is made from before there are agents. Pure. */

import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { ActionResult } from '../../shared/protocol/actions.ts';
import type { HostPicture, PairFacts } from './facts.ts';
import { type Ground, type Observation, viewOf } from './observe.ts';
import { HOST_INDEXES, type Step } from './step.ts';

export function bareFacts(pair: PairSpec): PairFacts {
  return { pair, hosts: [barePicture(pair.hosts[0]), barePicture(pair.hosts[1])] };
}

/** As if every call had been asked and none could be answered. */
export function bareObservations(
  ground: Pick<Ground, 'flavor' | 'secrets'>,
  steps: readonly Step[],
  facts: PairFacts,
): readonly Observation[] {
  return steps.flatMap((step) =>
    HOST_INDEXES.map((host) => ({
      step,
      host,
      calls: step
        .calls(viewOf(ground, facts, host, 'plan'))
        .map((call) => ({ call, result: unknown(call.action) })),
      missing: null,
      done: false,
    })),
  );
}

function unknown(action: string): ActionResult {
  return { action, outcome: 'failed', changes: [], facts: null, durationMs: 0 };
}

function barePicture(spec: HostSpec): HostPicture {
  return {
    spec,
    clockOffsetMs: 0,
    heartbeat: {
      ...{ host: spec.name, sequence: 0, time: 0, addresses: [], guard: null, services: [] },
      ...{ load1: 0, diskFreeBytes: 0, diskTotalBytes: 0, memoryFreeBytes: 0, hostUptimeSeconds: 0 },
      certificates: {},
      drift: [],
      database: {
        ...{ up: false, version: null, serverId: null, readOnly: null, uptimeSeconds: null },
        ...{
          gtidBinlogPos: '',
          gtidSlavePos: '',
          channel: null,
          connections: null,
          commits: null,
          error: null,
        },
      },
    },
    host: {
      ...{ hostname: spec.name, uid: 0, architecture: '', kernel: '', initSystem: 'systemd', time: 0 },
      os: { id: '', versionId: '', prettyName: '' },
      ...{ addresses: [], disks: [], memoryBytes: 0, cpus: 0, listening: [], packages: {}, paths: {} },
      candidates: {},
      userDatabases: null,
    },
  };
}
