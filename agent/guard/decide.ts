/**
 * What the guard does, as numbered rows: the first row of a table whose condition holds is the one that counts.
 * The permit table answers whether this host may hold the virtual address; the others each give at most one action.
 * The reason of a row is also its log line. Pure: facts in, a decision out.
 *
 * Invariants:
 * - a server that is not known to work never has the permit;
 * - this host becomes writable only with the address, the permit, and no sign that the peer is writable;
 * - replication of a host that has the address is never started before it is writable (starting throws away what was
 *   received and not yet applied);
 * - the server starts as a former primary (--init-rpl-role=SLAVE, which drops what no standby received) only when the
 *   peer was seen writable.
 */

import { type ActionGroup, type GuardFacts, isAway } from './facts.ts';

export type GuardAction =
  | { readonly kind: 'promote' }
  | { readonly kind: 'demote' }
  | { readonly kind: 'yield' }
  | { readonly kind: 'start-server'; readonly role: 'master' | 'slave' }
  | { readonly kind: 'kill-server' }
  | { readonly kind: 'start-channel'; readonly from: 'own-end' | 'as-left' }
  | { readonly kind: 'stop-channel' }
  | { readonly kind: 'semi-sync'; readonly enabled: boolean }
  | { readonly kind: 'remove-address' };

export type ActionKind = GuardAction['kind'];

interface Row {
  readonly id: string;
  readonly when: (facts: GuardFacts) => boolean;
  readonly reason: string;
}

export interface PermitRow extends Row {
  readonly permit: boolean;
}

export interface ActionRow extends Row {
  readonly action: GuardAction | null;
}

export interface Decision {
  readonly permit: PermitRow;
  /** The rows that count, one a table, in the order of TABLES. */
  readonly rows: readonly ActionRow[];
  readonly actions: readonly GuardAction[];
}

export const ACTION_GROUPS: Readonly<Record<ActionKind, ActionGroup>> = {
  promote: 'role',
  demote: 'role',
  yield: 'role',
  'start-server': 'server',
  'kill-server': 'server',
  'start-channel': 'channel',
  'stop-channel': 'channel',
  'semi-sync': 'semi-sync',
  'remove-address': 'address',
};

const isPrimary = (f: GuardFacts): boolean => f.vip && f.writable;
const upToDate = (f: GuardFacts): boolean => f.standing === 'level' || f.standing === 'ahead';
const peerAnswers = (f: GuardFacts): boolean => f.peer === 'serving' || f.peer === 'standby';

export const PERMIT_ROWS: readonly PermitRow[] = [
  { id: 'P1', permit: false, when: (f) => f.server === 'hung', reason: 'The server does not answer.' },
  { id: 'P2', permit: false, when: (f) => f.server === 'down', reason: 'The server is down.' },
  {
    id: 'P3',
    permit: false,
    when: (f) => f.writes === 'stuck',
    reason: 'The server answers, but its storage does not take writes.',
  },
  { id: 'P4', permit: true, when: isPrimary, reason: 'This host is the primary.' },
  {
    id: 'P5',
    permit: false,
    when: (f) => f.channel === 'absent',
    reason: 'Replication from the peer is not configured yet.',
  },
  {
    id: 'P6',
    permit: false,
    when: (f) => f.channel === 'refused' && peerAnswers(f),
    reason:
      'Replication is refused: this host has transactions that the peer does not have. Compare the two, then seed this host again.',
  },
  {
    id: 'P7',
    permit: false,
    when: (f) => f.channel === 'failed',
    reason: 'A received transaction cannot be applied here; see the replication error.',
  },
  {
    id: 'P8',
    permit: false,
    when: (f) => f.yielding && f.peer === 'serving',
    reason: 'The address came here while the peer was writable, so this host stays away from it.',
  },
  {
    id: 'P9',
    permit: true,
    when: (f) => f.peer === 'serving' && f.ready,
    reason: 'The peer is the primary; this host has its rows and can take over.',
  },
  {
    id: 'P10',
    permit: false,
    when: (f) => f.peer === 'serving',
    reason: 'The peer is the primary; this host is still catching up with it.',
  },
  {
    id: 'P11',
    permit: true,
    when: (f) => f.peer === 'standby' && (f.ready || upToDate(f)),
    reason: 'Nobody is primary, and this host has all that the peer has.',
  },
  {
    id: 'P12',
    permit: false,
    when: (f) => f.peer === 'standby',
    reason: 'Nobody is primary, and the peer has more than this host.',
  },
  {
    id: 'P13',
    permit: true,
    when: (f) => isAway(f.peer) && f.ready,
    reason: 'The peer does not answer, and this host has its rows.',
  },
  {
    id: 'P14',
    permit: true,
    when: (f) => isAway(f.peer) && f.serveAnyway,
    reason: 'The peer does not answer; an operator said that this host serves anyway.',
  },
  {
    id: 'P15',
    permit: false,
    when: (f) => isAway(f.peer) && (f.missed || !(upToDate(f) || f.standing === 'unknown')),
    reason:
      'The peer does not answer and has rows that this host lacks. Bring the peer back, or create /run/hotpair/serve-anyway to go on without them.',
  },
  {
    id: 'P16',
    permit: true,
    when: (f) => f.peerAway,
    reason: 'The peer has not been there since this guard started; this host goes on alone.',
  },
  { id: 'P17', permit: false, when: () => true, reason: 'Waiting for a first answer of the peer.' },
];

/** Who is writable follows who has the address. */
const ROLE_ROWS: readonly ActionRow[] = [
  { id: 'R1', action: null, when: (f) => f.server !== 'up', reason: 'The role waits for the server.' },
  {
    id: 'R2',
    action: { kind: 'demote' },
    when: (f) => f.writable && !f.vip,
    reason: 'The address has left: this host becomes read-only.',
  },
  {
    id: 'R3',
    action: null,
    when: (f) => isPrimary(f) && (f.way === 'taken' || f.way === 'contested'),
    reason:
      'Both hosts are writable: what they write now will not go together. The one that loses the address closes.',
  },
  { id: 'R4', action: null, when: isPrimary, reason: 'Primary.' },
  { id: 'R5', action: null, when: (f) => !f.vip, reason: 'Standby.' },
  {
    id: 'R6',
    action: { kind: 'yield' },
    when: (f) => f.way === 'contested' && !f.yielding,
    reason: 'The address is here, but the peer stays writable: this host gives the address back.',
  },
  {
    id: 'R7',
    action: null,
    when: (f) => f.way !== 'clear',
    reason: 'The address is here: this host opens once the peer is known not to be writable.',
  },
  {
    id: 'R8',
    action: { kind: 'promote' },
    when: (f) => permitOf(f).permit,
    reason: 'The address is here: this host applies what it has received and becomes writable.',
  },
  {
    id: 'R9',
    action: null,
    when: () => true,
    reason: 'The address is here without the permit and will leave.',
  },
];

/** The server is started by the guard alone. */
const SERVER_ROWS: readonly ActionRow[] = [
  {
    id: 'S1',
    action: { kind: 'kill-server' },
    when: (f) => f.server === 'hung' && (f.writable || f.hungLong),
    reason: 'The server hangs: it is killed, so that it cannot wake up writable.',
  },
  {
    id: 'S2',
    action: { kind: 'kill-server' },
    when: (f) => f.server === 'up' && f.writable && f.writes === 'stuck',
    reason: 'Storage under the primary does not take writes: the server is killed.',
  },
  { id: 'S3', action: null, when: (f) => f.server !== 'down', reason: 'The server runs.' },
  {
    id: 'S4',
    action: null,
    when: (f) => f.held,
    reason: 'The server is down and held by /run/hotpair/hold-server.',
  },
  {
    id: 'S5',
    action: null,
    when: (f) => !f.startDue,
    reason: 'The server is down; pause before the next start.',
  },
  {
    id: 'S6',
    action: { kind: 'start-server', role: 'slave' },
    when: (f) => f.peer === 'serving' || f.peerPromoted,
    reason: 'The peer is the primary: the server starts as its standby.',
  },
  {
    id: 'S7',
    action: null,
    when: (f) => !f.waitedForPeer && f.peer !== 'down',
    reason: 'The server is down; the peer is given time to take over.',
  },
  {
    id: 'S8',
    action: { kind: 'start-server', role: 'master' },
    when: () => true,
    reason: 'Nobody has taken over: the server starts with all that is in its log.',
  },
];

/** Replication from the peer. */
const CHANNEL_ROWS: readonly ActionRow[] = [
  {
    id: 'C1',
    action: null,
    when: (f) => f.server !== 'up' || f.held || f.channel === 'absent',
    reason: 'Replication is left alone.',
  },
  {
    id: 'C2',
    action: { kind: 'stop-channel' },
    when: (f) => isPrimary(f) && isRunning(f) && !f.peerStreams,
    reason: 'The peer does not follow this primary: nothing is taken from it until it does.',
  },
  {
    id: 'C3',
    action: { kind: 'start-channel', from: 'own-end' },
    when: (f) => isPrimary(f) && f.channel === 'refused' && isFollowed(f) && upToDate(f) && f.channelDue,
    reason:
      'The peer follows this primary, but no longer has where the way back was left: it starts at the end.',
  },
  {
    id: 'C4',
    action: { kind: 'start-channel', from: 'as-left' },
    when: (f) => isPrimary(f) && !isRunning(f) && isFollowed(f) && upToDate(f) && f.channelDue,
    reason: 'The peer follows this primary: the way back is opened as well.',
  },
  {
    id: 'C5',
    action: { kind: 'start-channel', from: 'own-end' },
    when: (f) => isStandby(f) && !isRunning(f) && f.peer === 'serving' && f.channelDue,
    reason: 'This standby follows the primary from the end of its own log.',
  },
  {
    id: 'C6',
    action: { kind: 'start-channel', from: 'own-end' },
    when: (f) => isStandby(f) && !isRunning(f) && f.peer === 'standby' && mayFollow(f) && f.channelDue,
    reason: 'Nobody is primary: this host follows the peer, which has no less than this host.',
  },
  { id: 'C7', action: null, when: () => true, reason: 'Replication is as it should be.' },
];

/** Semi-synchronous commits: only on a primary whose standby follows, so that nobody waits for nobody. */
const SEMI_SYNC_ROWS: readonly ActionRow[] = [
  { id: 'Y1', action: null, when: (f) => f.server !== 'up', reason: 'Semi-sync waits for the server.' },
  {
    id: 'Y2',
    action: { kind: 'semi-sync', enabled: false },
    when: (f) => f.semiSync && !f.writable,
    reason: 'A standby waits for nobody.',
  },
  {
    id: 'Y3',
    action: { kind: 'semi-sync', enabled: false },
    when: (f) => f.semiSync && f.peer === 'down',
    reason: 'The server of the standby is gone: commits do not wait for it.',
  },
  {
    id: 'Y4',
    action: { kind: 'semi-sync', enabled: true },
    when: (f) => !f.semiSync && isPrimary(f) && isFollowed(f),
    reason: 'The standby follows: commits wait for it.',
  },
  { id: 'Y5', action: null, when: () => true, reason: 'Semi-sync is as it should be.' },
];

/** An address that keepalived left behind. */
const ADDRESS_ROWS: readonly ActionRow[] = [
  {
    id: 'V1',
    action: { kind: 'remove-address' },
    when: (f) => f.vip && !permitOf(f).permit && !f.keepalived,
    reason: 'keepalived is gone and has left the address on a host without permit: it is removed.',
  },
  {
    id: 'V2',
    action: { kind: 'remove-address' },
    when: (f) => f.vipOverdue && !permitOf(f).permit,
    reason: 'keepalived does not take the address off this host although it has no permit: it is removed.',
  },
  { id: 'V3', action: null, when: () => true, reason: "The address is keepalived's." },
];

function isRunning(f: GuardFacts): boolean {
  return f.channel === 'streaming' || f.channel === 'connecting';
}

/** The peer answers, and its replica streams from here. */
function isFollowed(f: GuardFacts): boolean {
  return f.peer === 'standby' && f.peerStreams;
}

function isStandby(f: GuardFacts): boolean {
  return !f.vip && !f.writable;
}

function mayFollow(f: GuardFacts): boolean {
  return f.standing !== 'ahead' && f.standing !== 'unknown';
}

export const TABLES: readonly (readonly ActionRow[])[] = [
  ROLE_ROWS,
  SERVER_ROWS,
  CHANNEL_ROWS,
  SEMI_SYNC_ROWS,
  ADDRESS_ROWS,
];

export function permitOf(facts: GuardFacts): PermitRow {
  return firstRow(PERMIT_ROWS, facts);
}

/** The actions that are due now; those of a group with one under way wait for it. */
export function decide(facts: GuardFacts): Decision {
  const rows = TABLES.map((table) => firstRow(table, facts));
  const actions = rows
    .map((row) => row.action)
    .filter((action) => action !== null)
    .filter((action) => !facts.busy.has(ACTION_GROUPS[action.kind]));
  return { permit: permitOf(facts), rows, actions };
}

function firstRow<R extends Row>(rows: readonly R[], facts: GuardFacts): R {
  const found = rows.find((row) => row.when(facts));
  if (found === undefined) throw new Error('A decision table has no last row that always holds.');
  return found;
}
