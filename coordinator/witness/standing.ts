/** Whether the witness votes on a pair, as one of a few standings, and the event that tells of a change. Pure. */

import type { PairRecord } from '../../shared/pair/record.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { NewEvent } from '../store/event-log.ts';
import { seconds } from '../watch/event-words.ts';

export type Standing = 'voting' | 'started' | 'unreached' | 'storage' | 'forgot' | 'damaged';

export interface WitnessFacts {
  readonly now: number;
  readonly hasLedger: boolean;
  /** A file was there and could not be used. */
  readonly damaged: boolean;
  /** A guard has asked for a vote. */
  readonly asked: boolean;
  /** The last write of the ledger failed. */
  readonly writeFailed: boolean;
  readonly muteUntil: number;
  /** When a guard was last linked; now while one is, null while none ever was. */
  readonly linkedAt: number | null;
  /** When it began to dial the guards. */
  readonly beganAt: number;
}

/** A witness without a link is missed by the guards after this time; they take its vote away. */
const UNREACHED_MS = 10_000;

/** Null: there is nothing to tell, as of a pair that does not vote yet or whose guards are only being dialled. */
export function standingOf(facts: WitnessFacts): Standing | null {
  const { now, hasLedger, damaged, asked, writeFailed, muteUntil, linkedAt, beganAt } = facts;
  if (!hasLedger && damaged) return 'damaged';
  if (!hasLedger) return asked ? 'forgot' : null;
  if (writeFailed) return 'storage';
  if (now < muteUntil) return 'started';
  if (now - (linkedAt ?? beganAt) >= UNREACHED_MS) return 'unreached';
  return linkedAt === null ? null : 'voting';
}

export interface StandingChange {
  readonly pair: string;
  readonly from: Standing | null;
  readonly to: Standing;
  /** How long it had the standing before, ms. */
  readonly afterMs: number;
  readonly record: PairRecord | null;
  /** Words of the trouble, or where the damaged file is kept. */
  readonly detail: string;
}

const KINDS: Readonly<Record<Standing, EventKind>> = {
  voting: 'WitnessBack',
  started: 'WitnessMuted',
  unreached: 'WitnessMuted',
  storage: 'WitnessMuted',
  forgot: 'WitnessRecordLost',
  damaged: 'WitnessRecordLost',
};

export function standingEvent(change: StandingChange): NewEvent {
  const { pair, from, to, afterMs, record, detail } = change;
  return {
    pair,
    kind: KINDS[to],
    message: messageOf(change),
    data: {
      ...{ from, to, afterMs: Math.round(afterMs) },
      ...(record === null ? {} : { epoch: record.epoch, weights: record.weights }),
      ...(detail === '' ? {} : { detail }),
    },
  };
}

function messageOf({ pair, from, to, afterMs, record, detail }: StandingChange): string {
  const after = from === null ? '' : `, after ${seconds(afterMs)} without`;
  switch (to) {
    case 'voting':
      return record?.weights.W === 0
        ? `The witness follows the pair ${pair} again${after}; its vote counts as soon as the pair gives it back.`
        : `The witness votes on the pair ${pair}${after}: either host can be lost.`;
    case 'started':
      return `The witness of ${pair} has just started: it grants nothing to a new primary for as long as what it granted before may hold.`;
    case 'unreached':
      return `The witness of ${pair} reaches no guard: while it is so, only one of the two hosts can be lost.`;
    case 'storage':
      return `The witness of ${pair} does not vote: it cannot write down its votes (${detail}).`;
    case 'forgot':
      return `The witness has no memory of the pair ${pair}: it votes as soon as the pair has taken it in.`;
    case 'damaged':
      return `The witness's memory of ${pair} was damaged (it is kept as ${detail}): it votes as soon as the pair has taken it in anew.`;
  }
}
