/**
 * What goes over the links between voters: one message, one line of JSON. Reading is strict: a kind or a key that is not
 * named here, a number out of range or a line that is too long is refused, so a voter never decides by half of a message.
 */

import { AppError } from '../errors/app-error.ts';
import type { Beat, Message } from './effects.ts';
import type { FoundingMessage, Standing } from './founding.ts';
import type { Amnesia, Handover, Refusal, Stamp, VoteAnswer, VoteRequest } from './messages.ts';
import { ballot, count, node, record, voter } from './record-reader.ts';
import {
  type Fields,
  flag,
  type Kinds,
  object,
  orNull,
  type Read,
  refused,
  tagged,
  text,
  word,
} from './strict-reader.ts';
import type { VoterId } from './weights.ts';

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
  if (message.kind === 'forgot') return true;
  return message.kind === 'beat' ? from !== 'W' : message.by === from;
}

const gtids = text(MAX_POSITION, /^[0-9,-]*$/);
const stamp = object<Stamp>({ boot: count, seq: count });

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
  empty: { turn: stamp, serverUp: flag, writable: flag, position: gtids },
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
  'found-ask': { by: node, stamp },
  'found-tell': { by: node, to: stamp, standing: tagged<Standing>(STANDINGS) },
  'found-propose': { by: node, turn: stamp, record },
});
