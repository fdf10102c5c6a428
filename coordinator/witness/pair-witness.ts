/**
 * The third vote of one pair: dials both guards and answers what they ask, by the same function as the guards' own votes.
 *
 * Invariants:
 * - one request is answered at a time, and its answer leaves only when what it rests on is durable;
 * - a vote that could not be written down was not given: the witness keeps its standing from before it;
 * - without a ledger it does not vote until the pair has taken it in (amnesiacWitness says when); a ledger that is taken
 *   away while it runs is one that it does not have.
 */

import { randomInt } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { guardPort } from '../../shared/model/paths.ts';
import type { VoteRequest } from '../../shared/pair/messages.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import {
  amnesiacWitness,
  answerRequest,
  startVoter,
  type Vote,
  type Voter,
} from '../../shared/pair/voter.ts';
import type { NodeId } from '../../shared/pair/weights.ts';
import { type VoterMessage, WIRE_VERSION } from '../../shared/pair/wire.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { VoterDialer } from '../../shared/runtime/voter-link/voter-dialer.ts';
import type { Gate } from '../agents/gate.ts';
import type { NewEvent } from '../store/event-log.ts';
import { type KeptLedgers, LedgerStore } from './ledger-store.ts';
import { type Standing, standingEvent, standingOf } from './standing.ts';

/** A standby says nothing to the witness for years: of a thousand pairs, asking whether it is there is what costs most. */
const PING_MS = 500;
/** Requests that wait for a slow disk; what comes on top is lost, as on the network. */
const MAX_WAITING = 100;
const MAX_MEMORY = 2 ** 47;

export interface PairWitnessOptions {
  readonly pair: PairSpec;
  readonly data: string;
  readonly agentPort: number;
  readonly context: () => SecureContext;
  /** Of the dialers of all pairs. */
  readonly gate: Gate;
  readonly log: Logger;
  readonly record: (event: NewEvent) => void;
}

export class PairWitness {
  readonly #options: PairWitnessOptions;
  readonly #store: LedgerStore;
  readonly #dialers: ReadonlyMap<NodeId, VoterDialer>;
  /** Tells the guards one life of the ledger from another. */
  #memory = randomInt(1, MAX_MEMORY);
  #voter: Voter | null = null;
  #damaged = false;
  #asked = false;
  #writeFailed = false;
  #detail = '';
  #linkedAt: number | null = null;
  #beganAt = performance.now();
  #standing: Standing | null = null;
  #standsSince = performance.now();
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: PairWitnessOptions) {
    this.#options = options;
    const { pair, data } = options;
    this.#store = new LedgerStore(data, pair.name);
    this.#dialers = new Map(pair.hosts.map((host) => [nodeOf(host), this.#dialer(host)]));
  }

  /** Rejects where its folder cannot be used; it does not vote then. */
  async start(): Promise<void> {
    const stored = await this.#store.read();
    if (stored.kind === 'whole') this.#voter = startVoter('W', stored.ledger, performance.now(), TIMING);
    if (stored.kind === 'damaged') {
      const { setAside, reason } = stored;
      this.#damaged = true;
      this.#detail = setAside;
      this.#options.log.error({ setAside, reason }, 'the memory of the witness was damaged');
    }
    this.#beganAt = performance.now();
    this.#look();
    for (const dialer of this.#dialers.values()) dialer.start();
  }

  /** Settles when nothing is being written any more. */
  async stop(): Promise<void> {
    for (const dialer of this.#dialers.values()) dialer.stop();
    await this.#queue;
  }

  /**
   * What time alone changes. A pair that is founded anew has nothing to do with what was voted before: the deploy takes
   * the file away.
   */
  look(kept: KeptLedgers): void {
    if (this.#voter !== null && this.#store.isTaken(kept)) {
      this.#voter = null;
      this.#memory = randomInt(1, MAX_MEMORY);
      this.#options.log.warn({ pair: this.#options.pair.name }, 'the memory of the witness was taken away');
    }
    this.#look();
  }

  #dialer(host: HostSpec): VoterDialer {
    const { pair, agentPort, context, gate, log } = this.#options;
    const from = nodeOf(host);
    return new VoterDialer({
      ...{ address: host.address, port: guardPort(agentPort), name: host.name, from },
      ...{ context, log, gate, patient: true, pingMs: PING_MS },
      own: { kind: 'hello', protocol: WIRE_VERSION, pair: pair.name, from: 'W' },
      heard: (message) => this.#take(from, message),
      changed: () => this.#look(),
    });
  }

  #take(from: NodeId, message: VoterMessage): void {
    if (message.kind !== 'request' || this.#waiting >= MAX_WAITING) return;
    this.#waiting++;
    this.#queue = this.#queue.then(async () => {
      await this.#answer(from, message.request);
      this.#waiting--;
    });
  }

  /** Never rejects. */
  async #answer(from: NodeId, request: VoteRequest): Promise<void> {
    this.#asked = true;
    const said = this.#decide(request, performance.now());
    if ('forgot' in said) {
      this.#send(from, said.forgot);
      this.#look();
      return;
    }
    const { voter, answer, persist } = said.vote;
    if (persist && !(await this.#isWritten(voter))) return;
    this.#voter = voter;
    if (answer !== null) this.#send(from, { kind: 'answer', answer });
    if (persist) this.#look();
  }

  #decide(request: VoteRequest, now: number): { vote: Vote } | ReturnType<typeof amnesiacWitness> {
    if (this.#voter === null) return amnesiacWitness(this.#memory, request, now, TIMING);
    return { vote: answerRequest(this.#voter, request, now, TIMING) };
  }

  async #isWritten({ ledger }: Voter): Promise<boolean> {
    try {
      await this.#store.write(ledger);
      this.#writeFailed = false;
      return true;
    } catch (error) {
      this.#writeFailed = true;
      this.#detail = error instanceof Error ? error.message : String(error);
      this.#options.log.error({ err: error }, 'a vote could not be written down, so it was not given');
      this.#look();
      return false;
    }
  }

  #send(to: NodeId, message: VoterMessage): void {
    this.#dialers.get(to)?.send(message);
  }

  #look(): void {
    const now = performance.now();
    for (const { upSince } of this.#dialers.values()) if (upSince !== undefined) this.#linkedAt = now;
    const to = standingOf({
      ...{ now, hasLedger: this.#voter !== null, damaged: this.#damaged, asked: this.#asked },
      ...{ writeFailed: this.#writeFailed, linkedAt: this.#linkedAt, beganAt: this.#beganAt },
      muteUntil: this.#voter?.muteUntil ?? now,
    });
    if (to === null || to === this.#standing) return;
    // Who was just taken in has nothing to be mute about in its own words: it is told once it votes.
    if (to === 'started' && this.#standing !== null) return;
    const { pair, record } = this.#options;
    const afterMs = now - this.#standsSince;
    const change = { pair: pair.name, from: this.#standing, to, afterMs };
    const detail = to === 'damaged' || to === 'storage' ? this.#detail : '';
    record(standingEvent({ ...change, record: this.#voter?.ledger.record ?? null, detail }));
    this.#standing = to;
    this.#standsSince = now;
  }
}

function nodeOf({ ordinal }: HostSpec): NodeId {
  return ordinal === 1 ? 'A' : 'B';
}
