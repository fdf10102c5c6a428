/**
 * The decision table for the pair as a whole (VIP, writers, protection): from two successive pictures to events. The same form
 * as host-rows.ts. Pure.
 */

import type { EventKind } from '../store/event-kinds.ts';
import { type EventText, gapWords, seconds } from './event-words.ts';
import type { HostState } from './host-state.ts';
import type { PairState } from './pair-state.ts';
import { gapOf, vipAbsence, vipReturn } from './vip-absence.ts';

export interface PairRow {
  readonly id: string;
  readonly reason: string;
  readonly kind: EventKind;
  when(before: PairState, after: PairState): boolean;
  /** `host` is the host that the event is about, where there is one. */
  say(before: PairState, after: PairState): EventText & { readonly host?: string };
}

const hostOf = (state: PairState, name: string | null): HostState | undefined =>
  state.hosts.find((host) => host.name === name);
const moved = (before: PairState, after: PairState): boolean => after.holder !== before.holder;
/** The former holder was seen with the VIP by this watcher. */
const wasWatched = (before: PairState): boolean => hostOf(before, before.holder)?.vipLastSeen != null;
const restored = (before: PairState, after: PairState): boolean =>
  (before.missing || before.duplicated) && !after.missing && !after.duplicated;
const turnedTo =
  (mode: 'sync' | 'solo') =>
  (before: PairState, after: PairState): boolean =>
    before.protection?.mode !== mode && after.protection?.mode === mode;

export const PAIR_ROWS: readonly PairRow[] = [
  {
    id: 'V1',
    kind: 'VipMoved',
    reason:
      'The former holder no longer shows the VIP, or its next heartbeat is overdue, and the other one shows it.',
    when: (before, after) => moved(before, after) && wasWatched(before),
    say: sayMoved,
  },
  {
    id: 'V2',
    kind: 'VipMoved',
    reason: 'The holder is another one than the history says: it moved while nobody watched.',
    when: (before, after) => moved(before, after) && before.holder !== null && !wasWatched(before),
    say: (before, after) => ({
      host: String(after.holder),
      message: `The VIP ${after.vip} moved from ${before.holder} to ${after.holder} while nobody watched.`,
      data: { from: before.holder, to: after.holder, gapMs: null },
    }),
  },
  {
    id: 'V3',
    kind: 'VipMoved',
    reason: 'The first holder that is ever seen: the history needs its beginning.',
    when: (before, after) => moved(before, after) && before.holder === null,
    say: (_before, after) => ({
      host: String(after.holder),
      message: `The VIP ${after.vip} is on ${after.holder} (first seen).`,
      data: { from: null, to: after.holder, gapMs: null },
    }),
  },
  {
    id: 'V4',
    kind: 'VipDuplicated',
    reason:
      'Both hosts showed the VIP over a common stretch of time, so it is not a move seen at two moments.',
    when: (before, after) => !before.duplicated && after.duplicated,
    say: (_before, after) => ({
      message: `The VIP ${after.vip} is on ${after.hosts[0].name} and on ${after.hosts[1].name} at the same time.`,
      data: { hosts: after.hosts.map((host) => host.name) },
    }),
  },
  {
    id: 'V5',
    kind: 'VipMissing',
    reason: 'Longer than any failover takes, no host that can be asked has the VIP.',
    when: (before, after) => !before.missing && after.missing,
    say: (_before, after) => ({
      message: `No host that answers holds the VIP ${after.vip}${lastHolder(after)}.`,
      data: {
        lastHolder: after.holder,
        reachable: after.hosts.filter((host) => host.reachable).map((host) => host.name),
      },
    }),
  },
  {
    id: 'V6',
    kind: 'VipRestored',
    reason: 'The end of V4 or V5.',
    when: (before, after) => restored(before, after) && hostOf(after, after.holder)?.vip != null,
    say: sayRestored,
  },
  {
    id: 'W1',
    kind: 'WritersDuplicated',
    reason: 'Both servers said over a common stretch of time that they accept writes.',
    when: (before, after) => !before.twoWriters && after.twoWriters,
    say: (_before, after) => ({
      message: `${after.hosts[0].name} and ${after.hosts[1].name} both accept writes.`,
      data: { hosts: after.hosts.map((host) => host.name) },
    }),
  },
  {
    id: 'W2',
    kind: 'WritersRestored',
    reason: 'The end of W1.',
    when: (before, after) => before.twoWriters && !after.twoWriters,
    say: () => ({ message: 'No more than one server accepts writes.' }),
  },
  {
    id: 'M1',
    kind: 'ProtectionLost',
    reason: 'The voters have recorded SOLO: from here on a commit waits for nobody.',
    when: turnedTo('solo'),
    say: (before) => ({
      message: 'Commits wait for no standby (SOLO): the newest of them exist once, until it is back.',
      data: { from: before.protection?.mode ?? null },
    }),
  },
  {
    id: 'M2',
    kind: 'ProtectionRestored',
    reason: 'The voters have recorded SYNC: every acknowledged commit is on both hosts from here on.',
    when: turnedTo('sync'),
    say: sayProtected,
  },
];

function sayProtected({ protection }: PairState, after: PairState): EventText {
  const soloMs = protection === null ? null : after.time - protection.since;
  const words = soloMs === null ? '' : `, after ${seconds(soloMs)} without`;
  return {
    message: `Every commit waits for the standby (SYNC)${words}.`,
    data: { from: protection?.mode ?? null, soloMs },
  };
}

function sayMoved(before: PairState, after: PairState): EventText & { readonly host: string } {
  const [from, to] = [String(before.holder), String(after.holder)];
  const [loser, winner] = [hostOf(after, from), hostOf(after, to)];
  const absence = loser === undefined || winner === undefined ? null : vipAbsence(loser, winner);
  const gap = absence === null ? null : gapOf(absence);
  return {
    host: to,
    message: `The VIP ${after.vip} moved from ${from} to ${to}${gapWords(gap)}.`,
    data: { from, to, gapMs: gap?.gapMs ?? null, gapFrom: gap?.gapFrom ?? null },
    absence,
  };
}

/** Where the VIP came back to the host that had it before, nothing else tells how long it was away. */
function sayRestored(before: PairState, after: PairState): EventText & { readonly host: string } {
  const host = String(after.holder);
  const [was, is] = [hostOf(before, after.holder), hostOf(after, after.holder)];
  const same = before.missing && before.holder === after.holder && was !== undefined && is !== undefined;
  const absence = same ? vipReturn(was, is) : null;
  const gap = absence === null ? null : gapOf(absence);
  return {
    host,
    message: `The VIP ${after.vip} is on ${host} alone${gap === null ? '' : ' again'}${gapWords(gap)}.`,
    data: { missingMs: gap?.gapMs ?? null, gapFrom: gap?.gapFrom ?? null },
    absence,
  };
}

function lastHolder(state: PairState): string {
  const holder = hostOf(state, state.holder);
  if (holder === undefined) return '';
  return `; ${holder.name} had it last${holder.reachable ? '' : ' and is not reachable'}`;
}
