/**
 * Does what a step of the protocol asks for. Quick effects are done at once and in order; from the first slow one on
 * (statements, processes, a confirmed change of the fence) the rest of the step waits its turn.
 *
 * Invariants:
 * - the first effect that fails drops the rest of its step, except what closes: a fence that cannot be confirmed is no
 *   reason to let the server live;
 * - an opening whose time is over fails, however long the effects before it took;
 * - one chain of slow effects runs at a time (`busy`), during which the caller lets the table decide nothing.
 */

import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Durable, Effect } from '../../shared/pair/effects.ts';
import type { VoteRequest } from '../../shared/pair/messages.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { LocalDatabase } from './database/local-database.ts';
import type { PortFence } from './fence/port-fence.ts';
import type { Permit } from './permit.ts';
import { SaidBefore } from './said-before.ts';
import type { VoterLinks } from './voter-links/voter-links.ts';

export interface PerformerParts {
  readonly fence: PortFence;
  readonly database: LocalDatabase;
  readonly permit: Permit;
  readonly links: VoterLinks;
  readonly log: Logger;
  persist(durable: Durable): void;
  /** What was to be persisted is not: the step did not happen. */
  unwritten(): void;
  /** The own vote hears it as any other voter does. */
  ownVote(request: VoteRequest): void;
}

/** Effects that a guard repeats all the time and that change nothing for the table. */
const ROUTINE: ReadonlySet<Effect['kind']> = new Set(['send', 'fence-open']);

export class Performer {
  busy = false;
  readonly #parts: PerformerParts;
  readonly #said = new SaidBefore();

  constructor(parts: PerformerParts) {
    this.#parts = parts;
  }

  /** For steps of pulses and messages, whose effects are all quick. */
  now(effects: readonly Effect[]): void {
    for (const effect of effects) {
      try {
        const later = this.#one(effect);
        if (later !== undefined) throw new AppError('INTERNAL', `${effect.kind} must not be asked for here.`);
      } catch (error) {
        this.#failed(effect, error);
        return;
      }
    }
  }

  /** Settles when all is done: whether something was done that the next look should see. Never rejects. */
  async all(effects: readonly Effect[]): Promise<boolean> {
    this.busy = true;
    let failed = false;
    for (const effect of effects) {
      if (failed && !isClosing(effect)) continue;
      try {
        await this.#one(effect);
      } catch (error) {
        this.#failed(effect, error);
        failed = true;
      }
    }
    this.busy = false;
    return !failed && changesFacts(effects);
  }

  /** undefined: it is done. */
  #one(effect: Effect): Promise<void> | undefined {
    const { fence, database, permit, links, log, persist, ownVote } = this.#parts;
    switch (effect.kind) {
      case 'persist':
        persist(effect.durable);
        return undefined;
      case 'own-vote':
        ownVote(effect.request);
        return undefined;
      case 'send':
        links.send(effect.to, effect.message);
        return undefined;
      case 'fence-open':
        fence.open(effect.until);
        return undefined;
      case 'permit':
        if (effect.allowed) return this.#permit(effect.until);
        permit.set(false);
        return undefined;
      case 'alarm':
        log.error({ alarm: effect.text }, 'This host needs a person.');
        return undefined;
      case 'fence-close':
        return fence.close();
      case 'ack-path':
        return fence.ackPath(effect.open);
      case 'reset-sessions':
        return fence.resetSessions();
      case 'end-stream':
        return fence.endStream();
      case 'freeze':
        return fence.freeze(effect.on);
      default:
        return database.perform(effect);
    }
  }

  /** keepalived announces the address as soon as it has it: the kernel must let that out by then. */
  async #permit(until: number): Promise<void> {
    const { fence, permit, log } = this.#parts;
    await fence
      .announce(until)
      .catch((error: unknown) => log.warn({ err: error }, 'The fence stays silent.'));
    assertTime(until);
    permit.set(true);
  }

  #failed({ kind }: Effect, error: unknown): void {
    if (kind === 'persist') this.#parts.unwritten();
    const repeated = this.#said.mayBeSaid(`${kind} ${toAppError(error).code}`, performance.now());
    if (repeated === undefined) return;
    const fields = { err: error, effect: kind, repeated };
    this.#parts.log.warn(fields, 'An effect failed; the rest of its step is dropped.');
  }
}

/** Whether what is read of the server and the fence may be another once these were performed, or tried. */
export function changesFacts(effects: readonly Effect[]): boolean {
  return effects.some(({ kind }) => !ROUTINE.has(kind));
}

function isClosing(effect: Effect): boolean {
  if (effect.kind === 'permit') return !effect.allowed;
  return effect.kind === 'fence-close' || effect.kind === 'server-kill';
}

function assertTime(until: number): void {
  if (performance.now() >= until)
    throw new AppError('DEADLINE_EXCEEDED', 'The lease that this rests on is over.');
}
