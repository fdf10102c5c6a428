/**
 * The decision table for one host: from two successive pictures to events. Each row says when it applies, why that is
 * an event, and what the event says; its id goes into the event's data. Pure.
 */

import type { EventKind } from '../store/event-kinds.ts';
import { channelWords, driftWords, type EventText, seconds, uptimeWords } from './event-words.ts';
import { type HostState, serviceOf } from './host-state.ts';

/** One host, before and after; `peer` is the other one, after. */
export interface HostChange {
  readonly before: HostState;
  readonly after: HostState;
  readonly peer: HostState;
}

export interface HostRow {
  readonly id: string;
  readonly reason: string;
  readonly kind: EventKind;
  when(change: HostChange): boolean;
  say(change: HostChange): EventText;
}

const turned = (key: 'server' | 'keepalived' | 'guard', to: string) => (change: HostChange) =>
  change.before[key] !== change.after[key] && change.after[key] === to;

const peerIsDown = (peer: HostState): boolean => !peer.reachable || peer.server === 'down';

/** The server's own uptime went back, though it was never held to be down. */
function restartedUnseen({ before, after }: HostChange): boolean {
  const was = before.serverUptimeSeconds;
  const is = after.serverUptimeSeconds;
  return before.server === 'up' && after.server === 'up' && was !== null && is !== null && is < was;
}

const broke = ({ before, after }: HostChange): boolean =>
  before.replication !== after.replication && after.replication === 'broken';

export const HOST_ROWS: readonly HostRow[] = [
  {
    id: 'A1',
    kind: 'AgentLost',
    reason: 'Without heartbeats nothing about the host can be claimed, so the silence itself is the event.',
    when: ({ before, after }) => before.reachable && !after.reachable,
    say: ({ after }) => ({
      message: `The agent on ${after.name} is silent${after.heartbeat === null ? ' since watching began' : ''}; what happens on the host is not known.`,
    }),
  },
  {
    id: 'A2',
    kind: 'AgentBack',
    reason: 'The host can be judged again.',
    when: ({ before, after }) => !before.reachable && after.reachable,
    say: ({ before, after }) => ({
      message: `The agent on ${after.name} is back${before.heartbeat === null ? '' : ` after ${seconds(after.heardAt - before.heardAt)}`}.`,
    }),
  },
  {
    id: 'S1',
    kind: 'ServerDown',
    reason:
      'The unit or the guard says that the server has stopped, or two heartbeats in a row got no answer from it.',
    when: turned('server', 'down'),
    say: ({ after }) => ({
      message: `The database server on ${after.name} is down.`,
      data: { error: after.heartbeat?.database.error ?? null, unit: unitState(after, 'mariadb.service') },
    }),
  },
  {
    id: 'S2',
    kind: 'ServerUp',
    reason: 'One answer of the server is proof enough.',
    when: turned('server', 'up'),
    say: ({ after }) => ({
      message: `The database server on ${after.name} answers again${uptimeWords(after)}.`,
    }),
  },
  {
    id: 'S3',
    kind: 'ServerDown',
    reason: 'The uptime of the server went back: it was down for less time than it takes to be held down.',
    when: restartedUnseen,
    say: ({ after }) => ({
      message: `The database server on ${after.name} went down for a moment.`,
    }),
  },
  {
    id: 'S4',
    kind: 'ServerUp',
    reason: 'The other half of S3: the server is up already.',
    when: restartedUnseen,
    say: ({ after }) => ({
      message: `The database server on ${after.name} is up again${uptimeWords(after)}.`,
    }),
  },
  {
    id: 'K1',
    kind: 'KeepalivedDown',
    reason: 'Down for longer than a restart by systemd takes; without it the host cannot take the VIP.',
    when: turned('keepalived', 'down'),
    say: ({ after }) => ({
      message: `keepalived does not run on ${after.name}.`,
      data: { unit: unitState(after, 'keepalived.service') },
    }),
  },
  {
    id: 'K2',
    kind: 'KeepalivedUp',
    reason: 'The host can take the VIP again.',
    when: turned('keepalived', 'up'),
    say: ({ after }) => ({ message: `keepalived runs again on ${after.name}.` }),
  },
  {
    id: 'G1',
    kind: 'GuardDown',
    reason: 'Without its guard a host neither promotes nor demotes its server.',
    when: turned('guard', 'down'),
    say: ({ after }) => ({
      message: `The guard on ${after.name} is down or silent.`,
      data: { unit: unitState(after, 'hotpair-guard.service') },
    }),
  },
  {
    id: 'G2',
    kind: 'GuardUp',
    reason: 'The guard writes its status again.',
    when: turned('guard', 'up'),
    say: ({ after }) => ({ message: `The guard on ${after.name} runs again.` }),
  },
  {
    id: 'R1',
    kind: 'RoleChanged',
    reason: 'The guard says which role its server has; a server on its way between two roles has none yet.',
    when: ({ before, after }) => after.role !== null && before.role !== after.role,
    say: ({ before, after }) => ({
      message: `${after.name} is ${after.role} now${before.role === null ? ' (first seen)' : ''}.`,
      data: {
        from: before.role,
        to: after.role,
        guardRow: after.heartbeat?.guard?.row ?? null,
        guardReason: after.heartbeat?.guard?.reason ?? null,
        phases: after.role === 'primary' ? (after.heartbeat?.guard?.lastPromotion ?? null) : null,
      },
    }),
  },
  {
    id: 'P1',
    kind: 'ReplicationBroken',
    reason: 'A thread does not run though the other server is there: this needs somebody.',
    when: (change) => broke(change) && !peerIsDown(change.peer),
    say: ({ after, peer }) => ({
      message: `${after.name} does not replicate from ${peer.name}: ${channelWords(after)}.`,
      data: { channel: after.heartbeat?.database.channel ?? null },
    }),
  },
  {
    id: 'P2',
    kind: 'ReplicationBroken',
    reason: 'The other server is down, so there is nothing to replicate from: it heals with it.',
    when: (change) => broke(change) && peerIsDown(change.peer),
    say: ({ after, peer }) => ({
      message: `${after.name} cannot replicate from ${peer.name}, which is down.`,
      data: { consequence: true, channel: after.heartbeat?.database.channel ?? null },
    }),
  },
  {
    id: 'P3',
    kind: 'ReplicationLagging',
    reason: 'A failover would have to wait until the standby has applied what it is behind.',
    when: ({ before, after }) => before.replication !== after.replication && after.replication === 'lagging',
    say: ({ after, peer }) => ({
      message: `${after.name} is ${after.heartbeat?.database.channel?.secondsBehind ?? '?'} s behind ${peer.name}.`,
      data: { secondsBehind: after.heartbeat?.database.channel?.secondsBehind ?? null },
    }),
  },
  {
    id: 'P4',
    kind: 'ReplicationHealthy',
    reason: 'Both threads run and the lag is gone.',
    when: ({ before, after }) => before.replication !== after.replication && after.replication === 'healthy',
    say: ({ after, peer }) => ({ message: `${after.name} replicates from ${peer.name} again.` }),
  },
  {
    id: 'C1',
    kind: 'ConfigDrift',
    reason: 'Somebody else has changed what a deploy wrote; another change of it is another event.',
    when: ({ before, after }) => after.drift.length > 0 && driftText(before) !== driftText(after),
    say: ({ after }) => ({
      message: `On ${after.name}, not as deployed: ${driftWords(after.drift)}.`,
      data: { files: after.drift },
    }),
  },
  {
    id: 'C2',
    kind: 'ConfigRestored',
    reason: 'Nothing differs any more, by a deploy or by hand.',
    when: ({ before, after }) => before.drift.length > 0 && after.drift.length === 0,
    say: ({ before, after }) => ({
      message: `On ${after.name} everything is as deployed again.`,
      data: { files: before.drift.map(({ path }) => path) },
    }),
  },
];

const driftText = (host: HostState): string => JSON.stringify(host.drift);

function unitState(host: HostState, unit: string): string | null {
  return host.heartbeat === null ? null : (serviceOf(host.heartbeat, unit)?.active ?? 'absent');
}
