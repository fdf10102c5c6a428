/** What can be found in a pair, and what the sentences about it are made from; the sentences are in words-en.ts and words-zh.ts. */

import type { Drift } from '../../shared/model/facts.ts';

/** What a host says of its replication. */
export type Replication =
  | { readonly state: 'unknown' | 'server-down' | 'none' }
  | { readonly state: 'running'; readonly from: string }
  | { readonly state: 'stopped'; readonly io: string; readonly sql: boolean };

type None = Readonly<Record<string, never>>;
interface OnHost {
  readonly host: string;
}

export interface FindingParams {
  'two-writers': None;
  'two-holders': None;
  'no-holder': { readonly hosts: readonly string[] };
  errant: { readonly count: number };
  interruptions: { readonly moves: number; readonly returns: number; readonly ms: number };
  versions: { readonly versions: readonly [string, string] };
  'holder-read-only': None;
  'server-silent': OnHost & { readonly error: string | null };
  'agent-silent': { readonly error: string | null };
  /** `up`: its server answers, but does not follow yet. */
  'peer-away': { readonly peer: string; readonly up: boolean };
  'replication-stopped': { readonly channel: Replication; readonly error: string };
  'guard-silent': OnHost;
  'keepalived-down': OnHost;
  'disk-full': { readonly percent: number; readonly freeBytes: number };
  'disk-fills': { readonly days: number };
  certificate: OnHost & { readonly name: string; readonly daysLeft: number };
  lag: { readonly seconds: number };
  /** Positive: ahead of the coordinator's. */
  clock: { readonly ms: number };
  drift: { readonly drift: readonly Drift[] };
}

type Case = keyof FindingParams;

/** One thing that was found. */
export type Found<C extends Case = Case> = {
  readonly [K in C]: { readonly what: K; readonly params: FindingParams[K] };
}[C];

/** Its sentences in one language: what was found, and what to do about it. */
export type FindingWords = {
  readonly [K in Case]: {
    readonly detail: (params: FindingParams[K]) => string;
    readonly remedy: (params: FindingParams[K]) => string;
  };
};

export function sentencesOf<C extends Case>(
  words: FindingWords,
  { what, params }: Found<C>,
): { readonly detail: string; readonly remedy: string } {
  const { detail, remedy } = words[what];
  return { detail: detail(params), remedy: remedy(params) };
}
