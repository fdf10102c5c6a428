/**
 * A command as it comes from outside: what an operator says, without the clock of his machine. Strict, as everything that
 * a voter reads.
 */

import type { Command, CommandAnswer } from './commands.ts';
import type { StandingOrder } from './effects.ts';
import { type Fields, integer, orNull, type Read, tagged, text, word } from './strict-reader.ts';

type OrderKind = StandingOrder['kind'];
interface OrderWords {
  readonly reason: string;
  readonly forMs: number | null;
}
type OrderRequest = { readonly [K in OrderKind]: { readonly kind: K } & OrderWords }[OrderKind];
type CommandRequest = Exclude<Command, { readonly kind: OrderKind }> | OrderRequest;

const LONGEST_REASON = 200;
const LONGEST_ORDER_MS = 366 * 86_400_000;

const order: Fields<OrderWords> = {
  reason: text(LONGEST_REASON, /^[^\p{Cc}]+$/u),
  forMs: orNull(integer(1000, LONGEST_ORDER_MS)),
};

const readRequest: Read<CommandRequest> = tagged<CommandRequest>({
  switchover: {},
  fence: order,
  solo: order,
  maintenance: order,
  off: {},
  rejoin: {},
  reseeded: {},
  'force-primary': { accepts: word({ 'lost-commits': true }) },
});

/** Throws MALFORMED_FRAME. `wallNow`: the wall clock of this host, in ms. */
export function readCommand(value: unknown, wallNow: number): Command {
  const request = readRequest(value, 'command');
  return 'reason' in request ? { ...request, wallNow } : request;
}

export const refusal = (reason: string): CommandAnswer => ({ accepted: false, reason });
