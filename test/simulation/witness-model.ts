/** The witness of the simulation: the product's own vote, a ledger that outlives it or is lost, and a clock of its own. */

import type { Message } from '../../shared/pair/effects.ts';
import { firstRecord } from '../../shared/pair/record.ts';
import { firstLedger, type Ledger, startVoter, type Vote, type Voter } from '../../shared/pair/voter.ts';
import type { VoterId } from '../../shared/pair/weights.ts';
import type { Clock } from './host.ts';
import type { Surroundings } from './shell.ts';

export class WitnessModel {
  readonly #world: Surroundings;
  readonly #clock: Clock;
  #voter: Voter | 'amnesiac' | null = null;
  #ledger: Ledger | null;
  #memory = 0;

  /** Half of the worlds begin with a witness that has no ledger. */
  constructor(world: Surroundings, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
    this.#ledger = world.random.chance(0.5) ? firstLedger(firstRecord('A')) : null;
    this.start();
  }

  stop(): void {
    this.#voter = null;
  }

  start(): void {
    if (this.#voter !== null) return;
    const { flaw, random, rules } = this.#world;
    if (this.#ledger === null && flaw.flags?.has('witness-begins-anew'))
      this.#ledger = firstLedger({ ...firstRecord('A'), epoch: 0 });
    if (this.#ledger !== null) this.#voter = startVoter('W', this.#ledger, this.#now, rules.timing);
    else {
      this.#memory = random.next();
      this.#voter = 'amnesiac';
    }
  }

  loseLedger(): void {
    this.#voter = null;
    this.#ledger = null;
    this.#world.checks.forgetEpochs('W');
  }

  hear(from: VoterId, message: Message): void {
    if (this.#voter === null || message.kind !== 'request') return;
    const { rules, flaw } = this.#world;
    this.#world.stepped();
    let vote: Vote;
    if (this.#voter === 'amnesiac') {
      const result = rules.amnesiacWitness(this.#memory, message.request, this.#now, rules.timing);
      if ('forgot' in result) {
        this.#world.send('W', from, result.forgot);
        return;
      }
      vote = result.vote;
    } else vote = rules.answerRequest(this.#voter, message.request, this.#now, rules.timing);
    this.#voter = vote.voter;
    if (vote.persist) this.#persist(vote.voter.ledger, flaw.flags?.has('volatile-promises') === true);
    if (vote.answer !== null) this.#world.send('W', from, { kind: 'answer', answer: vote.answer });
  }

  #persist(ledger: Ledger, forgetsPromises: boolean): void {
    const { checks, timeline } = this.#world;
    checks.onLedger('W', ledger.promised.epoch, ledger.record.epoch, timeline.now);
    const before = this.#ledger?.promised ?? ledger.promised;
    this.#ledger = { ...ledger, promised: forgetsPromises ? before : ledger.promised };
  }

  get #now(): number {
    return this.#clock.at(this.#world.timeline.now);
  }
}
