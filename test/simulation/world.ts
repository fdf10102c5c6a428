/**
 * Two hosts, a witness, a network and clients in virtual time. The guards and the witness run the product's own functions;
 * everything else is a model. Events happen one after another; a guard may die between two effects of one step.
 */

import { decideStep, type NodeEvent, RULES, type Rules } from '../../shared/pair/decide.ts';
import type { Effect, Message } from '../../shared/pair/effects.ts';
import { brokenInvariants } from '../../shared/pair/invariants.ts';
import { isPrimary, type NodeFacts, startNode } from '../../shared/pair/node-state.ts';
import { firstRecord } from '../../shared/pair/record.ts';
import { firstLedger, type Ledger, startVoter, type Voter } from '../../shared/pair/voter.ts';
import { NODES, type NodeId, peerOf, type VoterId } from '../../shared/pair/weights.ts';
import { Checks } from './checks.ts';
import { DatabaseModel } from './database-model.ts';
import { Clock, type Host } from './host.ts';
import { Network } from './network.ts';
import { createRandom, type Random } from './random.ts';
import { Timeline } from './timeline.ts';

/** Replaces a part of the product or of its surroundings by a faulty one. */
export interface Flaw {
  readonly rules?: Partial<Rules>;
  /** What a guard's effect becomes. */
  readonly effect?: (effect: Effect, host: Host) => readonly Effect[];
  readonly facts?: (facts: NodeFacts) => NodeFacts;
  readonly flags?: ReadonlySet<'volatile-promises' | 'relative-fence' | 'kill-by-sigterm'>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly flaw?: Flaw;
  /** Tells each step; for a schedule that is looked into. */
  readonly trace?: (line: string) => void;
}

const TICK_MS = 100;
const APPLY_MS = 10;

export class World {
  readonly checks = new Checks();
  readonly random: Random;
  readonly network: Network;
  readonly timeline = new Timeline();
  readonly hosts: Readonly<Record<NodeId, Host>>;
  /** Fault rates of the guards themselves: dying between effects, pausing before them. */
  nemesis = true;
  /** Clients of both nodes stop to write. */
  clockStood = false;
  steps = 0;
  witness: Voter | null;
  #witnessLedger: Ledger;
  readonly #witnessClock: Clock;
  readonly #rules: Rules;
  readonly #flaw: Flaw;
  readonly #trace: ((line: string) => void) | undefined;
  #nextId = 1;

  constructor({ seed, flaw = {}, trace }: WorldOptions) {
    this.random = createRandom(seed);
    this.network = new Network(this.random);
    this.#flaw = flaw;
    this.#rules = { ...RULES, ...flaw.rules };
    this.#trace = trace;
    this.#witnessClock = this.#clock();
    this.#witnessLedger = firstLedger(firstRecord('A'));
    this.witness = startVoter('W', this.#witnessLedger, 0, this.#rules.timing);
    this.hosts = { A: this.#host('A'), B: this.#host('B') };
    for (const id of NODES) {
      this.startGuard(id);
      this.#every(TICK_MS, () => this.#tick(id));
      this.#every(30, () => this.#clientWrites(id));
    }
  }

  get now(): number {
    return this.timeline.now;
  }

  runUntil(time: number, stop?: () => boolean): void {
    this.timeline.runUntil(time, stop);
  }

  isServing(id: NodeId): boolean {
    const host = this.hosts[id];
    return (
      this.isOpen(id) && host.database.works && host.database.writable && this.now >= host.hostPausedUntil
    );
  }

  isOpen(id: NodeId): boolean {
    const host = this.hosts[id];
    return !host.hostDown && host.clock.at(this.now) < host.fenceUntil;
  }

  startGuard(id: NodeId): void {
    const host = this.hosts[id];
    if (host.guard !== null || host.hostDown) return;
    host.boot += 1;
    host.busy = false;
    const now = host.clock.at(this.now);
    host.guard = startNode(id, host.durable, host.boot, now, this.#rules.timing);
  }

  pauseGuard(id: NodeId, ms: number): void {
    const host = this.hosts[id];
    host.guardPausedUntil = Math.max(host.guardPausedUntil, this.now + ms);
  }

  pauseHost(id: NodeId, ms: number): void {
    const host = this.hosts[id];
    host.hostPausedUntil = Math.max(host.hostPausedUntil, this.now + ms);
  }

  killGuard(id: NodeId): void {
    this.hosts[id].guard = null;
  }

  stopWitness(): void {
    this.witness = null;
  }

  startWitness(): void {
    if (this.witness !== null) return;
    this.witness = startVoter('W', this.#witnessLedger, this.#witnessClock.at(this.now), this.#rules.timing);
  }

  crashServer(id: NodeId): void {
    this.hosts[id].database.crash(Math.floor(this.random.between(0, 3)));
    this.hosts[peerOf(id)].database.connected = false;
  }

  #host(id: NodeId): Host {
    const acknowledged = (transaction: { id: number; origin: NodeId }): void =>
      this.checks.onAcknowledged(id, transaction, this.now);
    return {
      id,
      clock: this.#clock(),
      database: new DatabaseModel(id, acknowledged),
      guard: null,
      durable: { ledger: firstLedger(firstRecord('A')), servedEpoch: null },
      boot: 0,
      fenceUntil: Number.NEGATIVE_INFINITY,
      permit: false,
      ackPathOpen: true,
      busy: false,
      guardPausedUntil: 0,
      hostPausedUntil: 0,
      applierPausedUntil: 0,
      fetchSlowUntil: 0,
      hostDown: false,
      meddled: false,
    };
  }

  #clock(): Clock {
    return new Clock(this.random.between(0.99, 1.01), this.random.between(0, 1_000_000));
  }

  #every(ms: number, act: () => void): void {
    const again = (): void => {
      act();
      this.timeline.after(ms * this.random.between(0.8, 1.2), again);
    };
    this.timeline.after(this.random.between(0, ms), again);
  }

  #guardRuns(host: Host): boolean {
    return (
      !host.hostDown && !host.busy && this.now >= host.guardPausedUntil && this.now >= host.hostPausedUntil
    );
  }

  #tick(id: NodeId): void {
    const host = this.hosts[id];
    if (!this.#guardRuns(host) || host.guard === null) return;
    if (host.database.works && host.database.writable) host.database.write(this.#nextId++, this.now);
    this.#replicate(id);
    this.#replicate(peerOf(id));
    this.#step(host, { kind: 'tick', facts: this.#facts(host) });
  }

  #clientWrites(id: NodeId): void {
    const host = this.hosts[id];
    if (host.hostDown || this.now < host.hostPausedUntil) return;
    // Some statements arrived before the kernel closed the port, or come from the host itself: the fence is not their limit.
    if (!this.isServing(id) && !this.random.chance(0.3)) return;
    this.hosts[id].database.write(this.#nextId++, this.now);
    this.#replicate(peerOf(id));
  }

  #facts(host: Host): NodeFacts {
    const { database } = host;
    const peer = this.hosts[peerOf(host.id)];
    const hung = database.hungSince !== null && this.now - database.hungSince >= this.#rules.timing.hungMs;
    const reachable = this.#linked(host.id) && peer.database.works && !peer.hostDown;
    const facts: NodeFacts = {
      server: hung ? 'hung' : database.state,
      writable: database.writable,
      semiSync: database.semiSync,
      sentinelAcked: database.semiSync && database.committed > database.sentinelFrom,
      waitersMs: database.waitersMs(this.now),
      ackPathOpen: host.ackPathOpen,
      ioRunning: database.ioRunning,
      sqlRunning: database.sqlRunning,
      sqlError: database.sqlError,
      streaming: database.ioRunning && database.connected,
      threads: database.threads,
      drained: database.relay.length === 0,
      received: database.received,
      position: database.binlog.length,
      comparison: !reachable ? 'unknown' : database.isWithin(peer.database) ? 'clean' : 'errant',
    };
    return this.#flaw.facts?.(facts) ?? facts;
  }

  #linked(id: NodeId): boolean {
    const peer = peerOf(id);
    return this.network.reaches(id, peer) && this.network.reaches(peer, id);
  }

  #step(host: Host, event: NodeEvent): void {
    const before = host.guard;
    if (before === null) return;
    const now = host.clock.at(this.now);
    const step = decideStep(before, event, now, this.#rules);
    this.steps += 1;
    host.guard = step.state;
    for (const { id, text } of brokenInvariants({
      before,
      after: step.state,
      facts: event.facts,
      effects: step.effects,
      now,
      timing: this.#rules.timing,
    }))
      this.checks.report('invariant', this.now, `${host.id} ${id}: ${text}`);
    if (isPrimary(step.state) && !isPrimary(before) && step.state.decided === null)
      this.checks.report('reopened-without-majority', this.now, host.id);
    if (this.#trace !== undefined && step.row !== null)
      this.#trace(
        `${Math.round(this.now)} ${host.id} ${before.phase} ${step.row.id} -> ${step.state.phase} ${step.effects
          .filter(({ kind }) => kind !== 'send')
          .map((effect) => JSON.stringify(effect))
          .join(' ')}`,
      );
    const acts = step.effects.some(({ kind }) => kind !== 'send');
    if (this.nemesis && acts && this.random.chance(step.row === null ? 0.003 : 0.02))
      this.#performLate(host, step.effects, now);
    else this.#perform(host, step.effects, now);
  }

  /** The guard stops for a while between its decision and its deeds. */
  #performLate(host: Host, effects: readonly Effect[], decidedAt: number): void {
    const boot = host.boot;
    host.busy = true;
    const perform = (): void => {
      if (host.guard === null || host.boot !== boot || host.hostDown) return;
      if (this.now < host.hostPausedUntil || this.now < host.guardPausedUntil) {
        this.timeline.at(Math.max(host.hostPausedUntil, host.guardPausedUntil), perform);
        return;
      }
      host.busy = false;
      this.#perform(host, effects, decidedAt);
    };
    this.timeline.after(this.random.between(10, 1_500), perform);
  }

  #perform(host: Host, effects: readonly Effect[], decidedAt: number): void {
    const all = this.#flaw.effect
      ? effects.flatMap((effect) => this.#flaw.effect?.(effect, host) ?? [])
      : effects;
    const dies = this.nemesis && all.length > 3 && this.random.chance(0.001);
    const until = dies ? Math.floor(this.random.between(0, all.length)) : all.length;
    for (const effect of all.slice(0, until)) if (!this.#performOne(host, effect, decidedAt)) break;
    if (!dies) return;
    this.killGuard(host.id);
    this.timeline.after(this.random.between(50, 600), () => this.startGuard(host.id));
  }

  /** False when it failed: the rest of the step is not performed. */
  #performOne(host: Host, effect: Effect, decidedAt: number): boolean {
    const { database } = host;
    const local = host.clock.at(this.now);
    switch (effect.kind) {
      case 'persist':
        this.#persist(host, effect.durable);
        return true;
      case 'send':
        this.#send(host.id, effect.to, effect.message);
        return true;
      case 'fence-open': {
        const start = this.#flaw.flags?.has('relative-fence') ? decidedAt : local;
        host.fenceUntil = local + Math.max(0, effect.until - start);
        if (this.isOpen(host.id) && this.isOpen(peerOf(host.id)) && !this.clockStood)
          this.checks.report('two-lease-holders', this.now, `${host.id} opens while the other one is open`);
        return true;
      }
      case 'fence-close':
        host.fenceUntil = Number.NEGATIVE_INFINITY;
        return true;
      case 'permit':
        if (effect.allowed && local >= effect.until) return false;
        host.permit = effect.allowed;
        return true;
      case 'ack-path':
        host.ackPathOpen = effect.open;
        if (!effect.open) database.connected = false;
        return true;
      case 'server-start':
        if (database.state !== 'down') return false;
        database.state = 'starting';
        this.timeline.after(this.random.between(30, 300), () => {
          if (database.state === 'starting' && !host.hostDown) database.start(effect.role);
        });
        return true;
      case 'server-kill':
        if (this.#flaw.flags?.has('kill-by-sigterm')) database.terminate();
        else this.crashServer(host.id);
        return true;
      case 'alarm':
        return true;
      default:
        return database.works && this.#sql(host, effect, local);
    }
  }

  #sql(host: Host, effect: Effect, local: number): boolean {
    const { database } = host;
    if (effect.kind === 'writable') {
      if (local >= effect.until && !this.#flaw.flags?.has('relative-fence')) return false;
      database.writable = true;
      this.checks.onWritable(host.id, database, this.now);
    }
    if (effect.kind === 'semi-sync') database.setSemiSync(effect.on);
    if (effect.kind === 'io-thread') {
      database.ioRunning = effect.on;
      database.connected = false;
    }
    if (effect.kind === 'replication-start') database.startReplication(true);
    return true;
  }

  #persist(host: Host, durable: Host['durable']): void {
    const promised = this.#flaw.flags?.has('volatile-promises')
      ? host.durable.ledger.promised
      : durable.ledger.promised;
    this.checks.onLedger(host.id, durable.ledger.promised.epoch, durable.ledger.record.epoch, this.now);
    host.durable = { ...durable, ledger: { ...durable.ledger, promised } };
  }

  #send(from: VoterId, to: VoterId, message: Message): void {
    for (const delay of this.network.delays(from, to))
      this.timeline.after(delay, () => {
        if (this.network.reaches(from, to)) this.#arrive(from, to, message);
      });
  }

  #arrive(from: VoterId, to: VoterId, message: Message): void {
    if (to === 'W') {
      this.#witnessHears(from, message);
      return;
    }
    const host = this.hosts[to];
    if (host.guard === null || host.hostDown) return;
    if (!this.#guardRuns(host)) {
      const boot = host.boot;
      const later =
        Math.max(this.now + 20, host.guardPausedUntil, host.hostPausedUntil) + this.random.between(0.1, 5);
      this.timeline.at(later, () => {
        if (host.boot === boot) this.#arrive(from, to, message);
      });
      return;
    }
    this.#step(host, { kind: 'message', from, message, facts: this.#facts(host) });
  }

  #witnessHears(from: VoterId, message: Message): void {
    if (this.witness === null || message.kind !== 'request') return;
    const now = this.#witnessClock.at(this.now);
    const vote = this.#rules.answerRequest(this.witness, message.request, now, this.#rules.timing);
    this.witness = vote.voter;
    this.steps += 1;
    if (vote.persist) {
      const { ledger } = vote.voter;
      this.checks.onLedger('W', ledger.promised.epoch, ledger.record.epoch, this.now);
      const promised = this.#flaw.flags?.has('volatile-promises')
        ? this.#witnessLedger.promised
        : ledger.promised;
      this.#witnessLedger = { ...ledger, promised };
    }
    if (vote.answer !== null) this.#send('W', from, { kind: 'answer', answer: vote.answer });
  }

  /** The replica on `id` fetches what it can, confirms it, and applies it a little later. */
  #replicate(id: NodeId): void {
    const host = this.hosts[id];
    const source = this.hosts[peerOf(id)];
    const linked = this.#linked(id) && host.ackPathOpen && !host.hostDown && !source.hostDown;
    const awake = this.now >= host.hostPausedUntil && this.now >= source.hostPausedUntil;
    if (!linked) host.database.connected = false;
    if (!linked || !awake || !host.database.works || !source.database.works || !host.database.ioRunning)
      return;
    if (!source.database.writable && source.database.binlog.length <= host.database.received) {
      host.database.connected = true;
      return;
    }
    host.database.connected = true;
    const slow = this.now < host.fetchSlowUntil;
    const upTo = source.database.binlog.length;
    const delay = slow ? this.random.between(100, 450) : this.random.between(0.2, 4);
    this.timeline.after(delay, () => this.#deliver(host, source, upTo));
  }

  #deliver(host: Host, source: Host, upTo: number): void {
    const { database } = host;
    const runs = database.works && database.ioRunning && database.connected && host.ackPathOpen;
    if (!runs || !this.#linked(host.id) || this.now < host.hostPausedUntil) return;
    database.receive(source.database, upTo);
    if (!database.ioRunning) return;
    const confirmed = database.received;
    this.timeline.after(this.random.between(0.2, 4), () => {
      if (this.network.reaches(host.id, source.id) && this.now >= source.hostPausedUntil)
        source.database.confirm(confirmed);
    });
    this.timeline.after(this.random.between(1, APPLY_MS), () => this.#apply(host));
  }

  #apply(host: Host): void {
    if (this.now < host.applierPausedUntil) {
      this.timeline.at(host.applierPausedUntil + 0.1, () => this.#apply(host));
      return;
    }
    if (this.now >= host.hostPausedUntil && !host.hostDown) host.database.apply();
  }
}
