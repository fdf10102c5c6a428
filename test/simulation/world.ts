/**
 * Two hosts, a witness, a network and clients in virtual time. The guards and the witness run the product's own functions;
 * everything else is a model. Events happen one after another.
 */

import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import { RULES, type Rules } from '../../shared/pair/decide.ts';
import type { Effect, Message } from '../../shared/pair/effects.ts';
import type { NodeFacts } from '../../shared/pair/node-state.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { NODES, type NodeId, peerOf, type VoterId } from '../../shared/pair/weights.ts';
import { Checks } from './checks.ts';
import type { Flaw } from './flaw.ts';
import { Clock, Host } from './host.ts';
import { Network } from './network.ts';
import { performEffect } from './perform-effect.ts';
import { createRandom, type Random } from './random.ts';
import { ReplicationModel } from './replication-model.ts';
import { Shell, type Surroundings } from './shell.ts';
import { Timeline } from './timeline.ts';
import { WitnessModel } from './witness-model.ts';

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
  readonly witness: WitnessModel;
  readonly #replication: ReplicationModel;
  #nextId = 1;

  constructor({ seed, flaw = {}, trace }: WorldOptions) {
    this.random = createRandom(seed);
    this.network = new Network(this.random);
    this.flaw = flaw;
    const protection = this.random.chance(0.2) ? 'consistency' : 'availability';
    this.rules = { ...RULES, timing: SHORT_HOLDS, protection, ...flaw.rules };
    this.trace = trace;
    this.witness = new WitnessModel(this, this.#clock());
    this.hosts = { A: this.#host('A'), B: this.#host('B') };
    this.#replication = new ReplicationModel(this, this.network, this.hosts);
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
    this.#replication.replicate(id);
    this.#replication.replicate(peerOf(id));
  }

  #clientWrites(id: NodeId): void {
    const host = this.hosts[id];
    if (host.guard?.order?.kind !== 'fence') host.fencedSince = null;
    else host.fencedSince ??= this.now;
    if (host.fencedSince !== null && this.now - host.fencedSince > FENCED_WITHIN_MS && this.isServing(id))
      this.checks.report('invariant', this.now, `${id} serves, but was fenced by an operator`);
    if (host.hostDown || host.diskFull || this.now < host.hostPausedUntil) return;
    this.#replication.applyLeftOver(host);
    // Some statements arrived before the kernel closed the port, or come from the host itself: the fence is not their limit.
    if ((!this.isServing(id) || host.frozen) && !this.random.chance(0.3)) return;
    this.hosts[id].database.write(this.#nextId++, this.now);
    this.#replication.replicate(peerOf(id));
  }

  readFacts(host: Host): NodeFacts {
    const { database } = host;
    const peer = this.hosts[peerOf(host.id)];
    const hung = database.hungSince !== null && this.now - database.hungSince >= this.rules.timing.hungMs;
    const reachable =
      this.#replication.linked(host.id) &&
      host.ackPathOpen &&
      database.works &&
      peer.database.works &&
      !peer.hostDown;
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
      addressLostMs: host.addressLostAt === null ? 0 : this.now - host.addressLostAt,
      diskFull: host.diskFull,
      held: host.held || (host.diskFull && database.state === 'down'),
      comparison: !reachable ? 'unknown' : database.isWithin(peer.database) ? 'clean' : 'errant',
    };
    return this.flaw.facts?.(facts) ?? facts;
  }

  perform(host: Host, effect: Effect, decidedAt: number): boolean {
    return performEffect(this, host, effect, decidedAt);
  }

  send(from: VoterId, to: VoterId, message: Message): void {
    for (const delay of this.network.delays(from, to))
      this.timeline.after(delay, () => {
        if (!this.network.reaches(from, to)) return;
        if (to === 'W') this.witness.hear(from, message);
        else if (!this.hosts[to].hostDown) this.shells[to].hear(from, message);
      });
  }
}
