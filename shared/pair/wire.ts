/**
 * What goes over the links between voters: one message, one line of JSON. Reading is strict: a kind or a key that is not
 * named here, a number out of range or a line that is too long is refused, so a voter never decides by half of a message.
 */

import { AppError } from '../errors/app-error.ts';
import type { Beat, Message } from './effects.ts';
import type { FoundingMessage, Standing } from './founding.ts';
import type { Amnesia, Ballot, Handover, Refusal, Stamp, VoteAnswer, VoteRequest } from './messages.ts';
import type { PairRecord } from './record.ts';
import type { NodeId, VoterId, Weights } from './weights.ts';

export const WIRE_VERSION = 1;
/** Characters of a line, its end not counted. */
export const MAX_LINE = 4096;
const MAX_POSITION = 2000;

/** The first line in each direction: who speaks, of which pair. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly pair: string;
  readonly from: VoterId;
}

/** What a link says for itself. `heard` confirms everything that came before; `bye` says why it is given up. */
export type LinkLine =
  | Hello
  | { readonly kind: 'ping' }
  | { readonly kind: 'heard' }
  | { readonly kind: 'bye'; readonly reason: string };

/** What voters say to each other over a link. */
export type VoterMessage = Message | FoundingMessage;
export type WireLine = LinkLine | VoterMessage;

/** Throws MALFORMED_FRAME for what the other side would not read. */
export function encodeLine(line: WireLine): string {
  const text = JSON.stringify(readLine(line, 'message'));
  if (text.length > MAX_LINE) throw refused('message', `is longer than ${MAX_LINE} characters`);
  return `${text}\n`;
}

/** Reads one line without its end. Throws MALFORMED_FRAME, and nothing else. */
export function decodeLine(text: string): WireLine {
  if (text.length > MAX_LINE) throw refused('message', `is longer than ${MAX_LINE} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('MALFORMED_FRAME', `A line from another voter is not JSON: ${text.slice(0, 100)}`, {
      cause: error,
    });
  }
  return readLine(value, 'message');
}

/** Whether a message can come from this voter: nobody speaks for another one. */
export function speaksForItself(from: VoterId, message: VoterMessage): boolean {
  if (message.kind === 'request') return message.request.by === from;
  if (message.kind === 'answer') return message.answer.from === from;
  if (message.kind === 'forgot') return from === 'W';
  return message.kind === 'beat' ? from !== 'W' : message.by === from;
}

type Read<T> = (value: unknown, at: string) => T;
type Fields<T> = { readonly [K in keyof T]-?: Read<T[K]> };
type Kinds<T extends { kind: string }> = {
  readonly [K in T['kind']]: Fields<Omit<Extract<T, { kind: K }>, 'kind'>>;
};

const refused = (at: string, what: string): AppError =>
  new AppError('MALFORMED_FRAME', `A line between two voters is not valid: ${at} ${what}.`);

function entriesOf(value: unknown, at: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(at, 'is no object');
  return new Map(Object.entries(value));
}

function readFields<T>(fields: Fields<T>, entries: ReadonlyMap<string, unknown>, at: string): T {
  for (const key of entries.keys())
    if (!Object.hasOwn(fields, key)) throw refused(at, `has the unknown key ${key.slice(0, 40)}`);
  const names = Object.keys(fields) as (keyof T & string)[];
  const read = names.map((name) => [name, fields[name](entries.get(name), `${at}.${name}`)]);
  // Every key of T has been read by its reader, and there is no other.
  return Object.fromEntries(read) as T;
}

function object<T>(fields: Fields<T>): Read<T> {
  return (value, at) => readFields(fields, entriesOf(value, at), at);
}

/** An object whose `kind` says which fields it has. */
function tagged<T extends { kind: string }>(kinds: Kinds<T>): Read<T> {
  return (value, at) => {
    const entries = entriesOf(value, at);
    const kind = entries.get('kind');
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) throw refused(at, 'is of an unknown kind');
    entries.delete('kind');
    const fields = kinds[kind as T['kind']];
    // `kind` selects the fields, so both together are the member of the union with this kind.
    return { kind, ...readFields(fields, entries, at) } as unknown as T;
  };
}

function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Read<number> {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw refused(at, `is no whole number from ${least} to ${most}`);
    return value;
  };
}

function text(most: number, pattern: RegExp): Read<string> {
  return (value, at) => {
    if (typeof value !== 'string' || value.length > most || !pattern.test(value))
      throw refused(at, 'is not the text that belongs there');
    return value;
  };
}

/** One of some words; a record of them, so that a word that is forgotten here does not compile. */
function word<T extends string>(words: Readonly<Record<T, true>>): Read<T> {
  return (value, at) => {
    if (typeof value !== 'string' || !Object.hasOwn(words, value)) throw refused(at, 'is an unknown word');
    return value as T;
  };
}

function orNull<T>(read: Read<T>): Read<T | null> {
  return (value, at) => (value === null ? null : read(value, at));
}

const count = integer(0);
const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw refused(at, 'is neither true nor false');
  return value;
};
const node = word<NodeId>({ A: true, B: true });
const voter = word<VoterId>({ A: true, B: true, W: true });
const gtids = text(MAX_POSITION, /^[0-9,-]*$/);
const weight = integer(0, 9);
const stamp = object<Stamp>({ boot: count, seq: count });
const ballot = object<Ballot>({ epoch: count, by: node });

const weights: Read<Weights> = (value, at) => {
  const read = object<Weights>({ A: weight, B: weight, W: weight })(value, at);
  if (read.A + read.B + read.W === 0) throw refused(at, 'gives nobody a vote');
  return read;
};

const takenOver = word<PairRecord['takenOver']>({ never: true, crash: true, planned: true, forced: true });

const record: Read<PairRecord> = (value, at) => {
  const read = object<PairRecord>({
    epoch: count,
    primary: node,
    mode: word<PairRecord['mode']>({ sync: true, solo: true }),
    since: count,
    takenOver,
    weights,
  })(value, at);
  if (read.since > read.epoch) throw refused(at, 'began after itself');
  return read;
};

const REQUESTS: Kinds<VoteRequest> = {
  prepare: { by: node, epoch: count },
  accept: { by: node, epoch: count, record },
  renew: { by: node, stamp, record, forgot: orNull(object<Amnesia>({ memory: count, before: count })) },
  release: { by: node, stamp, handover: orNull(object<Handover>({ epoch: count, position: count })) },
  query: { by: node },
};
const requestKind = word<VoteRequest['kind']>({
  ...{ prepare: true, accept: true, renew: true, release: true, query: true },
});
const refusal = word<Refusal>({ outbid: true, 'lease-fresh': true, mute: true, 'not-primary': true });
const answering = { from: voter, record, promised: ballot };

const ANSWERS: Kinds<VoteAnswer> = {
  promise: { ...answering, epoch: count },
  accepted: { ...answering, epoch: count },
  granted: { ...answering, stamp },
  refused: { ...answering, why: refusal, request: requestKind },
  state: answering,
};

const BEAT: Fields<Omit<Beat, 'kind'>> = {
  stamp,
  promotable: flag,
  threads: count,
  position: count,
  echo: orNull(count),
  applied: count,
  leaving: flag,
};

const STANDINGS: Kinds<Standing> = {
  empty: { serverUp: flag, writable: flag, position: gtids },
  record: { record, settled: flag },
};

const readLine: Read<WireLine> = tagged<WireLine>({
  hello: { protocol: count, pair: text(64, /^[^\p{C}]*$/u), from: voter },
  ping: {},
  heard: {},
  bye: { reason: text(500, /^[^\p{C}]*$/u) },
  beat: BEAT,
  request: { request: tagged<VoteRequest>(REQUESTS) },
  answer: { answer: tagged<VoteAnswer>(ANSWERS) },
  forgot: { memory: count },
  'found-ask': { by: node, stamp, position: gtids },
  'found-tell': { by: node, to: stamp, turn: stamp, standing: tagged<Standing>(STANDINGS) },
  'found-propose': { by: node, turn: stamp, record },
});
