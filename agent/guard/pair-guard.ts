/**
 * The guard of one host of a pair that votes: the loop around the pure protocol of shared/pair. A pulse every 100 ms sends
 * what is due and is never delayed; a look reads the facts and lets the table decide; messages are heard as they come.
 *
 * Invariants:
 * - a look decides from facts that were read after the effects of every earlier step were performed;
 * - while a chain of slow effects is under way there are no looks, but the vote answers and the lease is renewed;
 * - what is heard of connections that this guard itself has closed decides nothing.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import { callsForLook, looksAgainSoon } from '../../shared/pair/context.ts';
import { decideStep, type NodeEvent, RULES, type Rules, type Step } from '../../shared/pair/decide.ts';
import type { Durable, Message } from '../../shared/pair/effects.ts';
import { answerFounding, type FoundingMessage } from '../../shared/pair/founding.ts';
import { isPrimary, type NodeState, startNode } from '../../shared/pair/node-state.ts';
import { type NodeId, peerOf, type VoterId } from '../../shared/pair/weights.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { AddressKeeper } from './address-keeper.ts';
import type { GuardConfig } from './config.ts';
import { LocalDatabase } from './database/local-database.ts';
import { gateMemory, nextRun, readDurable, writeDurable } from './durable-file.ts';
import { FactReader } from './fact-reader.ts';
import { Fence } from './fence/fence.ts';
import { NoFence } from './fence/no-fence.ts';
import type { PortFence } from './fence/port-fence.ts';
import { Founder } from './founder.ts';
import { answerOf, OperatorDesk } from './operator-desk.ts';
import { changesFacts, Performer } from './performer.ts';
import { Permit } from './permit.ts';
import { CLOSING, planLeave } from './plan-leave.ts';
import { StandbyReads } from './standby-reads.ts';
import { Teller } from './teller.ts';
import { VipWatch } from './vip.ts';
import type { VoterIdentity } from './voter-links/identity.ts';
import { VoterLinks } from './voter-links/voter-links.ts';
import { Watchdog } from './watchdog.ts';

const PULSE_MS = 100;
/** Looks that follow each other at once; more than a promotion needs, and an end to a row that never gets anywhere. */
const LOOKS_IN_A_ROW = 20;
/** While a switchover or a promotion waits for something that nobody tells. */
const SOON_MS = 5;

export class PairGuard {
  readonly #config: GuardConfig;
  readonly #log: Logger;
  readonly #id: NodeId;
  readonly #rules: Rules;
  readonly #fence: PortFence;
  readonly #links: VoterLinks;
  readonly #database: LocalDatabase;
  readonly #permit = new Permit(HOST_PATHS.permit);
  readonly #vip: VipWatch;
  readonly #keeper: AddressKeeper;
  readonly #performer: Performer;
  readonly #watchdog = new Watchdog();
  readonly #teller: Teller;
  readonly #founder: Founder;
  readonly #desk: OperatorDesk;
  readonly #reader: FactReader;
  readonly #reads: StandbyReads;
  readonly #boot: number;
  #state: NodeState | null = null;
  /** The last step. */
  #last: { readonly before: NodeState; readonly after: NodeState } | undefined;
  #durable: Durable | null;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #lastPulseAt = performance.now();
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(config: GuardConfig, identity: VoterIdentity, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#id = config.ordinal === 1 ? 'A' : 'B';
    this.#rules = { ...RULES, protection: config.voting.protection };
    const { voting, peer, vip, database } = config;
    this.#durable = readDurable(HOST_PATHS.pairRecord, config.pair);
    this.#boot = nextRun(HOST_PATHS.guardRun);
    this.#database = new LocalDatabase({ config, log, changed: () => this.#look() });
    const stream = { peerAddress: peer.address, port: database.port };
    this.#fence =
      voting.fence === 'none'
        ? new NoFence({ database: this.#database, ...stream, log })
        : new Fence({ vip, address: voting.address, ...stream, interface: config.interface, log });
    this.#reads = new StandbyReads(this.#fence);
    this.#vip = new VipWatch(config, log, () => this.#vipChanged());
    this.#teller = new Teller({
      ...{ config, id: this.#id, boot: this.#boot, timing: this.#rules.timing },
      ...{ database: this.#database, permit: this.#permit, vip: this.#vip, log },
    });
    this.#keeper = new AddressKeeper(this.#vip, this.#permit, log);
    this.#reader = new FactReader(this.#database, this.#fence, this.#keeper);
    this.#links = new VoterLinks({
      ...{ address: voting.address, port: voting.port, own: this.#id, identity, log },
      gateMemory: gateMemory(HOST_PATHS.witnessAuthority),
      pair: config.pair,
      peer: { ...peer, port: voting.port },
      heard: (from, message) => this.#hear(from, message),
      heardFounding: (message) => this.#hearFounding(message),
      changed: () => this.#look(),
    });
    this.#founder = new Founder({
      ...{ id: this.#id, boot: this.#boot, database: this.#database, links: () => this.#links, log },
      found: (ledger) => {
        const first = { ledger, servedEpoch: null, order: null };
        this.#persist(first);
        this.#begin(first);
      },
    });
    this.#desk = new OperatorDesk({
      log,
      closed: () => this.#closedTo(),
      waiting: () => this.#look(),
    });
    this.#performer = new Performer({
      ...{ fence: this.#fence, database: this.#database, permit: this.#permit, links: this.#links, log },
      persist: (content) => this.#persist(content),
      unwritten: () => this.#undo(),
      ownVote: (request) => this.#hear(this.#id, { kind: 'request', request }),
    });
  }

  async start(): Promise<void> {
    this.#vip.start();
    // All at once: a guard that was killed has the rest of its lease to come back in.
    const begun = Promise.all([this.#fence.start(), this.#links.start()]);
    this.#database.tick(0);
    await begun;
    await this.#desk.start();
    if (this.#durable !== null) this.#begin(this.#durable);
    this.#timer = setInterval(() => this.#pulse(), PULSE_MS);
    this.#pulse();
  }

  /**
   * Ends this guard. `leaves`: for good, so that this host hands over what it holds; otherwise the next guard finds
   * everything as it is, and the lease lasts until then or closes by itself.
   */
  async stop(leaves: boolean): Promise<void> {
    this.#stopped = true;
    if (leaves) await this.#leave();
    this.#end();
  }

  /** Enrolment gave this host other certificates. Throws where they cannot be used. */
  renew(identity: VoterIdentity): void {
    if (this.#stopped) return;
    this.#log.info('The certificates of this host are new.');
    this.#links.renew(identity);
  }

  #closedTo(): string | null {
    if (this.#stopped) return 'The guard stops.';
    return this.#state === null ? this.#founder.reason : null;
  }

  async #leave(): Promise<void> {
    await this.#performer.all(CLOSING);
    if (this.#state !== null && this.#database.facts.writable)
      await this.#performer.all(planLeave(this.#state));
  }

  #end(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#desk.stop();
    this.#links.stop();
    this.#database.close();
    this.#vip.close();
    this.#fence.stop();
  }

  #begin(durable: Durable): void {
    const { timing } = this.#rules;
    this.#state = startNode(this.#id, durable, this.#boot, performance.now(), timing, Date.now());
  }

  #persist(durable: Durable): void {
    // A write to that disk would stop this guard, too, and with it all that it can still do.
    if (this.#database.storageHangs)
      throw new AppError('REFUSED', "The disk does not answer: this host's vote cannot be written down.");
    writeDurable(HOST_PATHS.pairRecord, this.#config.pair, durable);
    this.#durable = durable;
  }

  #pulse(): void {
    const now = performance.now();
    const stallMs = Math.max(0, now - this.#lastPulseAt - 2 * PULSE_MS);
    this.#lastPulseAt = now;
    this.#watchdog.tick();
    this.#database.tick(stallMs);
    this.#keeper.tick();
    if (this.#state !== null) {
      this.#quickStep({ kind: 'pulse', facts: this.#reader.beatFacts });
      this.#permit.set(this.#permit.granted);
      this.#reads.keep(this.#state.phase, now);
    }
    if (this.#state === null) void this.#founder.look();
    else this.#lookAgain();
    this.#tell();
  }

  #hearFounding(message: FoundingMessage): void {
    if (this.#stopped) return;
    if (this.#state === null) {
      // One that has a record and has only not begun yet is no host without one.
      if (this.#durable !== null) return;
      this.#founder.hear(message);
      return;
    }
    const { voter, decided } = this.#state;
    const answer = answerFounding(this.#id, message, voter.ledger, decided);
    if (answer !== null) this.#links.send(peerOf(this.#id), answer);
  }

  #hear(from: VoterId, message: Message): void {
    const before = this.#state;
    if (this.#stopped || before === null) return;
    const threads = before.peer?.beat.threads;
    this.#quickStep({ kind: 'message', from, message, threads: this.#database.facts.threads });
    this.#teller.answered(before, this.#state, from);
    if (this.#state?.peer?.beat.threads !== threads) this.#reader.heardNewThreads();
    if (this.#state !== null && deservesLook(before, this.#state, message)) this.#look();
  }

  #vipChanged(): void {
    this.#teller.vipMoved(this.#state);
    this.#tell();
  }

  /** Looks at what is true now, at once or when the present look is over. */
  #look(): void {
    this.#reader.outdate();
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#again = true;
    if (!this.#looking && !this.#stopped && this.#state !== null) void this.#looks();
  }

  async #looks(): Promise<void> {
    this.#looking = true;
    try {
      for (let looks = 0; this.#again && looks < LOOKS_IN_A_ROW; looks += 1) {
        this.#again = false;
        await this.#reader.refresh();
        if (this.#stopped || this.#state === null) return;
        const turn = this.#desk.next();
        if (turn !== undefined) turn.settle(await this.#obey(this.#state, turn.command));
        if (turn === undefined && !(await this.#lookOnce(this.#state))) continue;
        this.#again = true;
        this.#reader.outdate();
      }
    } catch (error) {
      this.#log.error({ err: error }, 'A look failed.');
    } finally {
      this.#looking = false;
    }
    if (this.#state === null || !looksAgainSoon(this.#state)) return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#look(), SOON_MS);
  }

  /** In the place of a look. */
  async #obey(before: NodeState, command: Command): Promise<CommandAnswer> {
    const { effects, answer } = this.#decide(before, { kind: 'command', command, facts: this.#reader.facts });
    return answerOf(effects, answer, await this.#performer.all(effects));
  }

  async #lookOnce(before: NodeState): Promise<boolean> {
    const step = this.#decide(before, { kind: 'look', facts: this.#reader.facts });
    this.#teller.looked();
    this.#database.compareWithPeer(step.state.phase === 'REJOINING');
    if (step.effects.length === 0) return step.state.phase !== before.phase;
    if (changesFacts(step.effects)) this.#reader.outdate();
    return await this.#performer.all(step.effects);
  }

  #quickStep(event: NodeEvent): void {
    if (this.#state !== null) this.#performer.now(this.#decide(this.#state, event).effects);
  }

  /** A step whose vote cannot be written down did not happen: messages get lost, a vote must not be forgotten. */
  #undo(): void {
    if (this.#state !== null && this.#state === this.#last?.after) this.#state = this.#last.before;
  }

  #decide(before: NodeState, event: NodeEvent): Step {
    const step = decideStep(before, event, performance.now(), this.#rules);
    this.#state = step.state;
    this.#last = { before, after: step.state };
    for (const row of step.rows) this.#teller.row(before, step, row, this.#reader.facts);
    return step;
  }

  #tell(): void {
    this.#teller.status(this.#state, this.#founder.reason);
  }
}

/** Whether what was heard lets the table decide something that it could not decide before. */
function deservesLook(before: NodeState, after: NodeState, message: Message): boolean {
  if (callsForLook(before, after)) return true;
  const waitsForLease = !isPrimary(after) && after.decided?.primary === after.id;
  return waitsForLease && message.kind === 'answer' && message.answer.kind === 'granted';
}
