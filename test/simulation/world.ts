/**
 * Two hosts, a witness, a network and clients in virtual time. The guards and the witness run the product's own functions;
 * everything else is a model. Events happen one after another.
 */

import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import { RULES, type Rules } from '../../shared/pair/decide.ts';
import type { Effect, Message } from '../../shared/pair/effects.ts';
import type { NodeFacts } from '../../shared/pair/node-state.ts';
import { firstRecord } from '../../shared/pair/record.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { firstLedger, type Ledger, startVoter, type Vote, type Voter } from '../../shared/pair/voter.ts';
import { NODES, type NodeId, peerOf, type VoterId } from '../../shared/pair/weights.ts';
import { Checks } from './checks.ts';
import type { Flaw } from './flaw.ts';
import { Clock, Host } from './host.ts';
import { Network } from './network.ts';
import { createRandom, type Random } from './random.ts';
import { Shell, type Surroundings } from './shell.ts';
import { Timeline } from './timeline.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly flaw?: Flaw;
  /** Tells each step; for a schedule that is looked into. */
  readonly trace?: (line: string) => void;
}

/** Otherwise most schedules would rest most of the time. */
const SHORT_HOLDS = { ...TIMING, flapMs: 4_000, failoverMs: 3_000 };
const PULSE_MS = 100;
const FENCED_WITHIN_MS = 3_000;
const LEFT_OVER_MS = 500;
const APPLY_MS = 10;
/** Recovery after a crash takes up to so long while faults are at work. */
const LONGEST_START_MS = 15_000;

export class World implements Surroundings {
  readonly checks = new Checks();
  readonly random: Random;
  readonly network: Network;
  readonly timeline = new Timeline();
  readonly hosts: Readonly<Record<NodeId, Host>>;
  readonly shells: Readonly<Record<NodeId, Shell>>;
  readonly rules: Rules;
  readonly flaw: Flaw;
  readonly trace: ((line: string) => void) | undefined;
  /** Fault rates of the guards themselves: dying between effects, pausing before them, slow starts. */
  nemesis = false;
  clockStood = false;
  steps = 0;
  readonly answers: { readonly command: Command['kind']; readonly accepted: boolean }[] = [];
  witness: Voter | 'amnesiac' | null = null;
  #witnessLedger: Ledger | null;
  #witnessMemory = 0;
  readonly #witnessClock: Clock;
  #nextId = 1;

  constructor({ seed, flaw = {}, trace }: WorldOptions) {
    this.random = createRandom(seed);
    this.network = new Network(this.random);
    this.flaw = flaw;
    const protection = this.random.chance(0.2) ? 'consistency' : 'availability';
    this.rules = { ...RULES, timing: SHORT_HOLDS, protection, ...flaw.rules };
    this.trace = trace;
    this.#witnessClock = this.#clock();
    this.#witnessLedger = this.random.chance(0.5) ? firstLedger(firstRecord('A')) : null;
    this.startWitness();
    this.hosts = { A: this.#host('A'), B: this.#host('B') };
    this.shells = { A: new Shell(this, this.hosts.A), B: new Shell(this, this.hosts.B) };
    for (const id of NODES) {
      this.startGuard(id);
      this.#every(PULSE_MS, () => this.shells[id].pulse());
      this.#every(30, () => this.#clientWrites(id));
    }
  }

  get now(): number {
    return this.timeline.now;
  }

  runUntil(time: number, stop?: () => boolean): void {
    this.timeline.runUntil(time, stop);
  }

  command(id: NodeId, command: Command): void {
    this.trace?.(`${Math.round(this.now)} ${id} COMMAND ${command.kind}`);
    this.shells[id].command(command);
  }

  answered(id: NodeId, command: Command, answer: CommandAnswer): void {
    this.answers.push({ command: command.kind, accepted: answer.accepted });
    if (command.kind === 'force-primary' && answer.accepted) this.checks.giveUp(this.hosts[id].database);
    this.trace?.(`${Math.round(this.now)} ${id} ${JSON.stringify(answer)}`);
  }

  stepped(): void {
    this.steps += 1;
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
    this.shells[id].start();
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

  losePower(id: NodeId, ms: number): void {
    const host = this.hosts[id];
    if (host.hostDown) return;
    this.crashServer(id);
    this.killGuard(id);
    host.hostDown = true;
    host.fenceUntil = Number.NEGATIVE_INFINITY;
    host.ackPathOpen = true;
    host.frozen = false;
    this.timeline.after(ms, () => {
      host.hostDown = false;
      this.startGuard(id);
    });
  }

  stopWitness(): void {
    this.witness = null;
  }

  startWitness(): void {
    if (this.witness !== null) return;
    const now = this.#witnessClock.at(this.now);
    if (this.#witnessLedger === null && this.flaw.flags?.has('witness-begins-anew'))
      this.#witnessLedger = firstLedger({ ...firstRecord('A'), epoch: 0 });
    if (this.#witnessLedger !== null)
      this.witness = startVoter('W', this.#witnessLedger, now, this.rules.timing);
    else {
      this.#witnessMemory = this.random.next();
      this.witness = 'amnesiac';
    }
  }

  loseWitnessLedger(): void {
    this.witness = null;
    this.#witnessLedger = null;
    this.checks.forgetEpochs('W');
  }

  crashServer(id: NodeId): void {
    const { database } = this.hosts[id];
    const up = database.state === 'up';
    database.crash(Math.floor(this.random.between(0, 3)));
    this.hosts[peerOf(id)].database.connected = false;
    if (up) this.shells[id].lookSoon();
  }

  #host(id: NodeId): Host {
    return new Host(id, this.#clock(), (transaction) =>
      this.checks.onAcknowledged(id, transaction, this.now),
    );
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

  heartbeat({ id, database, diskFull }: Host): void {
    if (database.works && database.writable && !diskFull) database.write(this.#nextId++, this.now);
    this.#replicate(id);
    this.#replicate(peerOf(id));
  }

  #clientWrites(id: NodeId): void {
    const host = this.hosts[id];
    if (host.guard?.order?.kind !== 'fence') host.fencedSince = null;
    else host.fencedSince ??= this.now;
    if (host.fencedSince !== null && this.now - host.fencedSince > FENCED_WITHIN_MS && this.isServing(id))
      this.checks.report('invariant', this.now, `${id} serves, but was fenced by an operator`);
    if (host.hostDown || host.diskFull || this.now < host.hostPausedUntil) return;
    // What stood still with the host or the server is applied when they go on.
    if (host.database.relay.length > 0 && this.now - host.receivedAt > LEFT_OVER_MS) this.#apply(host);
    // Some statements arrived before the kernel closed the port, or come from the host itself: the fence is not their limit.
    if ((!this.isServing(id) || host.frozen) && !this.random.chance(0.3)) return;
    this.hosts[id].database.write(this.#nextId++, this.now);
    this.#replicate(peerOf(id));
  }

  readFacts(host: Host): NodeFacts {
    const { database } = host;
    const peer = this.hosts[peerOf(host.id)];
    const hung = database.hungSince !== null && this.now - database.hungSince >= this.rules.timing.hungMs;
    const reachable =
      this.#linked(host.id) && host.ackPathOpen && database.works && peer.database.works && !peer.hostDown;
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
      relaySynced: database.relaySynced,
      threads: database.threads,
      drained: database.relay.length === 0,
      received: database.received,
      position: database.binlog.length,
      applied: database.slavePosition,
      diskFull: host.diskFull,
      held: host.held || (host.diskFull && database.state === 'down'),
      comparison: !reachable ? 'unknown' : database.isWithin(peer.database) ? 'clean' : 'errant',
    };
    return this.flaw.facts?.(facts) ?? facts;
  }

  #linked(id: NodeId): boolean {
    const peer = peerOf(id);
    return this.network.reaches(id, peer) && this.network.reaches(peer, id);
  }

  perform(host: Host, effect: Effect, decidedAt: number): boolean {
    const { database } = host;
    const local = host.clock.at(this.now);
    switch (effect.kind) {
      case 'persist':
        if (host.diskFull) return false;
        this.#persist(host, effect.durable);
        return true;
      case 'send':
        this.send(host.id, effect.to, effect.message);
        return true;
      case 'fence-open': {
        const start = this.flaw.flags?.has('relative-fence') ? decidedAt : local;
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
        return this.#startServer(host, effect.role);
      case 'server-kill':
        this.#killServer(host);
        return true;
      case 'freeze':
        host.frozen = effect.on;
        return true;
      case 'reset-sessions':
      case 'alarm':
      case 'own-vote':
        return true;
      default:
        return database.works && this.#sql(host, effect, local);
    }
  }

  #startServer(host: Host, role: 'master' | 'slave'): boolean {
    const { database } = host;
    if (database.state !== 'down' || host.held || host.diskFull) return false;
    database.state = 'starting';
    const start = ++database.starts;
    const slow = this.nemesis && this.random.chance(0.3);
    this.timeline.after(this.random.between(30, slow ? LONGEST_START_MS : 500), () => {
      if (database.state !== 'starting' || database.starts !== start || host.hostDown) return;
      database.start(role);
      this.shells[host.id].lookSoon();
    });
    return true;
  }

  /** SIGKILL is only sent: the server is gone a little later, much later when it waits for its disk. */
  #killServer(host: Host): void {
    const { database } = host;
    if (this.flaw.flags?.has('kill-by-sigterm')) database.terminate();
    if (database.state === 'down') return;
    const start = database.starts;
    const stuck = this.nemesis && this.random.chance(0.05);
    if (stuck) database.hungSince ??= this.now;
    database.killed = true;
    this.timeline.after(stuck ? this.random.between(300, 4_000) : this.random.between(0.1, 30), () => {
      if (database.starts === start) this.crashServer(host.id);
    });
  }

  #sql(host: Host, effect: Effect, local: number): boolean {
    const { database } = host;
    if (effect.kind === 'writable') {
      if (local >= effect.until && !this.flaw.flags?.has('relative-fence')) return false;
      database.writable = true;
      this.checks.onWritable(host.id, database, this.now);
    }
    if (effect.kind === 'read-only') {
      if (database.waitersMs(this.now) > effect.withinMs) return false;
      database.writable = false;
    }
    if (effect.kind === 'semi-sync') database.setSemiSync(effect.on);
    if (effect.kind === 'relay-sync') database.relaySynced = effect.on;
    if (effect.kind === 'io-thread') {
      database.ioRunning = effect.on;
      database.connected = false;
    }
    if (effect.kind === 'replication-start') database.startReplication(!this.flaw.flags?.has('no-r3'));
    if (effect.kind === 'replication-resume') database.startReplication(false);
    return true;
  }

  #persist(host: Host, durable: Host['durable']): void {
    const promised = this.flaw.flags?.has('volatile-promises')
      ? host.durable.ledger.promised
      : durable.ledger.promised;
    this.checks.onLedger(host.id, durable.ledger.promised.epoch, durable.ledger.record.epoch, this.now);
    host.durable = { ...durable, ledger: { ...durable.ledger, promised } };
  }

  send(from: VoterId, to: VoterId, message: Message): void {
    for (const delay of this.network.delays(from, to))
      this.timeline.after(delay, () => {
        if (!this.network.reaches(from, to)) return;
        if (to === 'W') this.#witnessHears(from, message);
        else if (!this.hosts[to].hostDown) this.shells[to].hear(from, message);
      });
  }

  #witnessHears(from: VoterId, message: Message): void {
    if (this.witness === null || message.kind !== 'request') return;
    const now = this.#witnessClock.at(this.now);
    const { timing } = this.rules;
    this.steps += 1;
    let vote: Vote;
    if (this.witness === 'amnesiac') {
      const result = this.rules.amnesiacWitness(this.#witnessMemory, message.request, now, timing);
      if ('forgot' in result) {
        this.send('W', from, result.forgot);
        return;
      }
      vote = result.vote;
    } else vote = this.rules.answerRequest(this.witness, message.request, now, timing);
    this.witness = vote.voter;
    if (vote.persist) {
      const { ledger } = vote.voter;
      this.checks.onLedger('W', ledger.promised.epoch, ledger.record.epoch, this.now);
      const before = this.#witnessLedger?.promised ?? ledger.promised;
      const promised = this.flaw.flags?.has('volatile-promises') ? before : ledger.promised;
      this.#witnessLedger = { ...ledger, promised };
    }
    if (vote.answer !== null) this.send('W', from, { kind: 'answer', answer: vote.answer });
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
    const { threads } = host.database;
    this.timeline.after(delay, () => {
      const some = host.database.received + Math.floor(this.random.between(1, 4));
      if (host.database.threads === threads) this.#deliver(host, source, slow ? Math.min(some, upTo) : upTo);
    });
  }

  #deliver(host: Host, source: Host, upTo: number): void {
    const { database } = host;
    const runs = database.works && database.ioRunning && database.connected && host.ackPathOpen;
    if (!runs || host.diskFull || !this.#linked(host.id) || this.now < host.hostPausedUntil) return;
    host.receivedAt = this.now;
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
