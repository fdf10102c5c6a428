/**
 * The files in which voters keep what they must find again: a guard's /var/lib/hotpair/pair.json, the witness's
 * DATA/witness/PAIR.json. A file that is not whole, or of another pair, is refused: a vote by a wrong memory is worse than
 * none.
 */

import { AppError } from '../errors/app-error.ts';
import type { Durable, StandingOrder } from './effects.ts';
import { ballot, count, record } from './record-reader.ts';
import { object, orNull, type Read, refused, text, word } from './strict-reader.ts';
import type { Ledger } from './voter.ts';

const VERSION = 1;

interface Kept<T> {
  readonly version: number;
  readonly pair: string;
  readonly kept: T;
}

const ledger: Read<Ledger> = (value, at) => {
  const read = object<Ledger>({ promised: ballot, record })(value, at);
  if (read.record.epoch > read.promised.epoch) throw refused(at, 'has accepted more than it has promised');
  return read;
};

const order = object<StandingOrder>({
  kind: word<StandingOrder['kind']>({ fence: true, solo: true, maintenance: true }),
  reason: text(1000, /^/),
  expiresAt: orNull(count),
});

const durable: Read<Durable> = object<Durable>({
  ledger,
  servedEpoch: orNull(count),
  order: orNull(order),
});

export function renderLedger(pair: string, kept: Ledger): string {
  return render(pair, ledger(kept, 'ledger'));
}

/** Throws MALFORMED_FRAME with what is wrong. */
export function parseLedger(pair: string, content: string): Ledger {
  return parse(pair, content, ledger);
}

export function renderDurable(pair: string, kept: Durable): string {
  return render(pair, durable(kept, 'durable'));
}

/** Throws MALFORMED_FRAME with what is wrong. */
export function parseDurable(pair: string, content: string): Durable {
  return parse(pair, content, durable);
}

function render<T>(pair: string, kept: T): string {
  const file: Kept<T> = { version: VERSION, pair, kept };
  return `${JSON.stringify(file)}\n`;
}

function parse<T>(pair: string, content: string, kept: Read<T>): T {
  const file = object<Kept<T>>({ version: count, pair: text(64, /^/), kept })(fromJson(content), 'file');
  if (file.version !== VERSION) throw refused('file', `is of version ${file.version}, not ${VERSION}`);
  if (file.pair !== pair) throw refused('file', `belongs to the pair ${file.pair}, not to ${pair}`);
  return file.kept;
}

function fromJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new AppError('MALFORMED_FRAME', `The file is not JSON: ${content.slice(0, 60)}`, { cause: error });
  }
}
