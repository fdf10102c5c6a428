/** The form of an alert rule, and what rules look at. Pure. */

import type { OutageView } from '../../shared/api/history.ts';
import type { AlertSeverity } from '../../shared/model/alerts-file.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { primaryOf } from '../api/pair-facts.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { HostState } from '../watch/host-state.ts';
import { newestRecord } from '../watch/newest-record.ts';
import type { PairState } from '../watch/pair-state.ts';
import type { AlertParams } from './message.ts';
import type { AlertState } from './state.ts';

export interface PairFacts {
  readonly spec: PairSpec;
  readonly state: PairState;
  /** hotpair is on it: what is not deployed yet is no trouble. */
  readonly deployed: boolean;
  /** What somebody is at, so that what it causes is no trouble. */
  readonly work: 'deploy' | 'drill' | null;
  /** When the last drill ended, or else the pair was first deployed; null: not known. */
  readonly drilledAt: number | null;
  /** The latest outages, oldest first. */
  readonly outages: readonly OutageView[];
  readonly now: number;
}

export interface Finding {
  /** Told apart by it; null: the pair as a whole. */
  readonly host: string | null;
  /** Since when, where it is known better than from the first sight. */
  readonly since?: number;
  readonly params: AlertParams;
}

interface CommonRule {
  /** Why somebody is told, and how urgently: one sentence. */
  readonly why: string;
  readonly severity: AlertSeverity;
  /** How long it must be so. */
  readonly forMs: number;
  /** How often it is told again; 0: never. */
  readonly repeatMs: number;
  /** Counts also while somebody deploys or drills. */
  readonly always?: boolean;
}

/** Something that is so, for as long as it is found. */
export interface StateRule extends CommonRule {
  find(facts: PairFacts): readonly Finding[];
}

/** Something that happened: told whatever has become of it meanwhile. */
export interface EventRule extends CommonRule {
  opens(event: StoredEvent, facts: PairFacts): Finding | null;
  /** Nothing of it is left. */
  over(alert: AlertState, facts: PairFacts): boolean;
}

export type AlertRule = StateRule | EventRule;

type Wish = Partial<Omit<AlertParams, 'pair' | 'vip' | 'peer'>> & { readonly command: string };

/** A finding about a host, or about the pair where `key` is null. */
export function finding(facts: PairFacts, key: string | null, wish: Wish): Finding {
  const { spec, state } = facts;
  const host = wish.host ?? key ?? primaryName(facts);
  const peer = state.hosts.find(({ name }) => host !== null && name !== host)?.name ?? null;
  const base = { pair: spec.name, vip: spec.vip, host, peer, detail: null, count: null };
  return { host: key, params: { ...base, ...wish, host } };
}

export function primaryName({ state }: PairFacts): string | null {
  return primaryOf(state)?.name ?? newestRecord(state.hosts)?.voting.primary ?? state.holder;
}

export function standbyOf(facts: PairFacts): HostState | null {
  const primary = primaryName(facts);
  return facts.state.hosts.find(({ name }) => primary !== null && name !== primary) ?? null;
}

/** A finding for each host of which `of` tells one. */
export function eachHost(facts: PairFacts, of: (host: HostState) => Finding | null): readonly Finding[] {
  return facts.state.hosts.flatMap((host) => of(host) ?? []);
}
