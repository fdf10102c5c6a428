/**
 * Who is signed in, and what the daemon tells. The token lives in the session storage of this tab and in memory; it is
 * never part of an address.
 */

import { batch, computed, effect, signal } from '@preact/signals';
import type { Role } from '../../shared/api/schema.ts';
import { type Client, createClient, Refusal } from './api/client.ts';
import { type Connection, type LiveFeed, startLiveFeed } from './api/live-feed.ts';
import { hearEvents, hearMessage, NOTHING_HEARD } from './model/live-state.ts';
import { parsePlace } from './model/route.ts';

export interface Session {
  readonly client: Client;
  readonly name: string;
  readonly role: Role;
}

const KEY = 'hotpair.token';
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export const session = signal<Session | null>(null);
/** Why one has to sign in again. */
export const refusal = signal<string | null>(null);
/** The token of this tab is being tried: neither the form nor the pages are right yet. */
export const entering = signal(sessionStorage.getItem(KEY) !== null);
export const live = signal(NOTHING_HEARD);
export const connection = signal<Connection>('connecting');
/** When the daemon was heard last, ms since the epoch. */
export const heardAt = signal(Date.now());
export const place = signal(parsePlace(location.hash));
let feed: LiveFeed | null = null;

addEventListener('hashchange', () => {
  place.value = parsePlace(location.hash);
});

/** The daemon ends a connection that asks for a pair that there is not. */
const watched = computed(() => {
  const wanted = 'pair' in place.value ? place.value.pair : null;
  return live.value.pairs.find(({ name }) => name === wanted)?.name ?? null;
});
effect(() => {
  const pair = watched.value;
  feed?.watch(pair);
});

/** Throws Refusal where the token does not count. */
export async function signIn(token: string): Promise<void> {
  const client = createClient(token);
  const { name, role } = await client.me();
  sessionStorage.setItem(KEY, token);
  batch(() => {
    session.value = { client, name, role };
    refusal.value = null;
    entering.value = false;
  });
  feed = startLiveFeed({
    token,
    sinceEvent: () => live.peek().lastEvent,
    onConnection: (now) => {
      connection.value = now;
    },
    onMessage: (message) => {
      heardAt.value = Date.now();
      if (message.type === 'bye' && message.problem.status === 401) signOut(message.problem.detail);
      else live.value = hearMessage(live.value, message);
    },
  });
  feed.watch(watched.peek());
}

/** With the token that this tab has, if it has one. A daemon that does not answer yet is no reason to forget it. */
export async function comeBack(): Promise<void> {
  const token = sessionStorage.getItem(KEY);
  if (token === null) return;
  try {
    await signIn(token);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) signOut(error.message);
    else setTimeout(() => void comeBack(), 2000);
  }
}

export function signOut(why: string | null = null): void {
  feed?.stop();
  feed = null;
  sessionStorage.removeItem(KEY);
  batch(() => {
    session.value = null;
    live.value = NOTHING_HEARD;
    refusal.value = why;
    entering.value = false;
  });
}

export function may(role: Role): boolean {
  const own = session.value?.role;
  return own !== undefined && ROLES.indexOf(own) >= ROLES.indexOf(role);
}

/** Events of earlier, which join what was heard. */
export async function readEvents(pair: string | null, cursor: string | null): Promise<string | null> {
  const page = await session.peek()?.client.events(pair, cursor);
  if (page === undefined) return null;
  live.value = hearEvents(live.value, page.events);
  return page.next;
}
