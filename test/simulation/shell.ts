/**
 * A guard's surroundings as the guard's loop makes them: pulses, reading facts, looks, and effects that take time. It may be
 * paused anywhere and die between any two effects.
 */

import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import { callsForLook, looksAgainSoon } from '../../shared/pair/context.ts';
import { decideStep, type NodeEvent, type Rules } from '../../shared/pair/decide.ts';
import type { Effect, Message } from '../../shared/pair/effects.ts';
import { AT_ONCE, brokenInvariants } from '../../shared/pair/invariants.ts';
import { isPrimary, type NodeFacts, type NodeState, startNode } from '../../shared/pair/node-state.ts';
import type { NodeId, VoterId } from '../../shared/pair/weights.ts';
import type { Checks } from './checks.ts';
import type { Flaw, FlawFlag } from './flaw.ts';
import type { Host } from './host.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** What a shell needs of the world. */
export interface Surroundings {
  readonly random: Random;
  readonly timeline: Timeline;
  readonly checks: Checks;
  readonly rules: Rules;
  readonly flaw: Flaw;
  readonly nemesis: boolean;
  readonly trace: ((line: string) => void) | undefined;
  readFacts(host: Host): NodeFacts;
  heartbeat(host: Host): void;
  send(from: VoterId, to: VoterId, message: Message): void;
  /** False when it failed. */
  perform(host: Host, effect: Effect, decidedAt: number): boolean;
  stepped(): void;
  answered(id: NodeId, command: Command, answer: CommandAnswer): void;
}

const UNREAD: NodeFacts = {
  server: 'starting',
  writable: false,
  semiSync: false,
  sentinelAcked: false,
  waitersMs: 0,
  ackPathOpen: true,
  ioRunning: false,
  sqlRunning: false,
  sqlError: false,
  streaming: false,
  threads: -1,
  drained: false,
  received: 0,
  position: 0,
  applied: 0,
  relaySynced: true,
  addressLostMs: 0,
  diskFull: false,
  held: false,
  comparison: 'unknown',
};

interface StepUnderWay {
  readonly decidedAt: number;
  /** The guard dies after these effects. */
  readonly dies: boolean;
  readonly look: boolean;
  readonly forget: () => void;
}

export class Shell {
  readonly #world: Surroundings;
  readonly #host: Host;
  #facts: NodeFacts = UNREAD;
  #factsAt = 0;
  #looking = false;
  #lookAgain = false;
  /** Effects that take time are under way. */
  #chain = false;
  #pulseWaits = false;
  #echo: number | null = null;
  #echoAt = 0;

  constructor(world: Surroundings, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  start(): void {
    const host = this.#host;
    if (host.guard !== null || host.hostDown) return;
    host.boot += 1;
    this.#facts = UNREAD;
    this.#looking = false;
    this.#lookAgain = false;
    this.#chain = false;
    this.#pulseWaits = false;
    this.#echo = null;
    const now = host.clock.at(this.#now);
    host.guard = startNode(host.id, host.durable, host.boot, now, this.#world.rules.timing);
  }

  pulse(): void {
    if (this.#pulseWaits) return;
    this.#pulseWaits = true;
    this.#later(0, () => {
      this.#pulseWaits = false;
      this.#world.heartbeat(this.#host);
      const proven = this.#factsAt >= this.#echoAt || this.#has('unproven-position');
      const position = proven ? this.#facts.position : Number.MAX_SAFE_INTEGER;
      this.#step({ kind: 'pulse', facts: { ...this.#facts, position } });
      if (!this.#looking) this.lookSoon();
    });
  }

  hear(from: VoterId, message: Message): void {
    this.#later(0, () => {
      const before = this.#host.guard;
      this.#step({ kind: 'message', from, message, threads: this.#facts.threads });
      const after = this.#host.guard;
      if (before === null || after === null) return;
      if (after.peer?.beat.threads !== undefined && after.peer.beat.threads !== this.#echo) {
        this.#echo = after.peer.beat.threads;
        this.#echoAt = this.#now;
      }
      if (callsForLook(before, after)) this.lookSoon();
    });
  }

  command(command: Command): void {
    this.#later(0, () => {
      this.#step({ kind: 'command', command, facts: this.#facts });
      this.lookSoon();
    });
  }

  lookSoon(): void {
    const host = this.#host;
    if (this.#looking) this.#lookAgain = true;
    if (this.#looking || this.#chain || this.#host.guard === null) return;
    this.#looking = true;
    this.#lookAgain = false;
    this.#refresh(() => {
      this.#looking = false;
      const acted = this.#step({ kind: 'look', facts: this.#facts });
      if (acted || this.#lookAgain) this.lookSoon();
      else if (host.guard !== null && looksAgainSoon(host.guard)) this.#later(10, () => this.lookSoon());
    });
  }

  #has(flag: FlawFlag): boolean {
    return this.#world.flaw.flags?.has(flag) ?? false;
  }

  get #now(): number {
    return this.#world.timeline.now;
  }

  /** Facts are read at one moment, and known a little later. */
  #refresh(done: () => void): void {
    const { random, rules } = this.#world;
    const { database } = this.#host;
    const slow = this.#world.nemesis && random.chance(0.02);
    this.#later(slow ? random.between(20, 500) : random.between(0.1, 6), () => {
      const hangs = database.hungSince !== null && this.#now - database.hungSince < rules.timing.hungMs;
      if (database.state === 'up' && hangs) {
        this.#later(20, () => this.#refresh(done));
        return;
      }
      this.#factsAt = this.#now;
      const facts = this.#world.readFacts(this.#host);
      this.#later(random.between(0.1, 3), () => {
        this.#facts = facts;
        done();
      });
    });
  }

  /** Runs unless this run of the guard has ended; a paused guard does it when it goes on. */
  #later(ms: number, act: () => void): void {
    const host = this.#host;
    const { boot } = host;
    const { timeline, random } = this.#world;
    const run = (): void => {
      if (host.guard === null || host.boot !== boot || host.hostDown) return;
      const awake = host.awakeAt(this.#now);
      if (awake > this.#now) timeline.at(awake + random.between(0.1, 2), run);
      else act();
    };
    if (ms === 0) run();
    else timeline.after(ms, run);
  }

  /** Whether there was anything to do. */
  #step(event: NodeEvent): boolean {
    const host = this.#host;
    const before = host.guard;
    if (before === null) return false;
    const { rules, random, nemesis } = this.#world;
    const now = host.clock.at(this.#now);
    const step = decideStep(before, event, now, rules);
    this.#world.stepped();
    host.guard = step.state;
    this.#judge(before, step, now);
    if (event.kind === 'command' && step.answer !== undefined)
      this.#world.answered(host.id, event.command, step.answer);
    const first = ({ kind }: Effect): boolean => kind === 'own-vote' && this.#has('own-vote-first');
    const effects = step.effects.toSorted((a, b) => Number(first(b)) - Number(first(a)));
    if (event.kind !== 'look' && effects.some(({ kind }) => !AT_ONCE.has(kind)))
      this.#world.checks.report('invariant', this.#now, `${host.id} has slow effects of a ${event.kind}`);
    const acts = effects.some(({ kind }) => kind !== 'send');
    // The process may stand still between its decision and its deeds.
    if (nemesis && acts && random.chance(event.kind === 'look' ? 0.04 : 0.003))
      host.guardPausedUntil = Math.max(host.guardPausedUntil, this.#now + random.between(10, 1_500));
    const dies = nemesis && effects.length > 1 && random.chance(0.001);
    const until = dies ? Math.floor(random.between(0, effects.length)) : effects.length;
    const flawed = effects.slice(0, until).flatMap((e) => this.#world.flaw.effect?.(e, host) ?? [e]);
    // A step whose vote cannot be written down did not happen.
    const forget = (): void => {
      const keeps = this.#has('unwritten-votes');
      if (host.guard === step.state && !keeps) host.guard = before;
    };
    this.#perform(flawed, { decidedAt: now, dies, look: event.kind === 'look', forget });
    return effects.length > 0;
  }

  /** Those before the first slow one at once, the rest as a chain, during which there are no looks. */
  #perform(effects: readonly Effect[], step: StepUnderWay): void {
    const host = this.#host;
    const { decidedAt, dies, look } = step;
    const awake = host.awakeAt(this.#now);
    if (awake > this.#now) {
      if (look) this.#chain = true;
      const { boot } = host;
      this.#world.timeline.at(awake, () => {
        if (host.guard !== null && host.boot === boot && !host.hostDown) this.#perform(effects, step);
      });
      return;
    }
    const [first, ...rest] = effects;
    if (first === undefined) {
      if (look && this.#chain) {
        this.#chain = false;
        this.lookSoon();
      }
      if (dies) this.#die();
      return;
    }
    const go = (): void => {
      const own = first.kind === 'own-vote' ? first.request : null;
      if (own !== null) this.hear(host.id, { kind: 'request', request: own });
      const done = this.#world.perform(host, first, decidedAt);
      if (!done && first.kind === 'persist') step.forget();
      this.#perform(done ? rest : [], step);
    };
    if (AT_ONCE.has(first.kind)) {
      go();
      return;
    }
    this.#chain = true;
    const { random, nemesis } = this.#world;
    const late = random.chance(this.#now < host.slowUntil ? 0.6 : nemesis ? 0.08 : 0);
    this.#later(late ? random.between(20, 800) : random.between(0.3, 12), go);
  }

  #die(): void {
    const { timeline, random } = this.#world;
    this.#host.guard = null;
    timeline.after(random.between(50, 600), () => this.start());
  }

  #judge(before: NodeState, step: ReturnType<typeof decideStep>, now: number): void {
    const { checks, rules, trace } = this.#world;
    const { id } = this.#host;
    const judged = { before, after: step.state, facts: this.#facts, effects: step.effects, now };
    for (const broken of brokenInvariants({ ...judged, timing: rules.timing }))
      checks.report('invariant', this.#now, `${id} ${broken.id}: ${broken.text}`);
    const { proposal } = step.state;
    const alone = proposal?.purpose === 'solo' && proposal.epoch !== before.proposal?.epoch;
    if (rules.protection === 'consistency' && alone && before.order?.kind !== 'solo')
      checks.report('invariant', this.#now, `${id} goes on alone, but consistency comes first`);
    const errant = step.rows.some((row) => row.id === 'F5');
    if (errant && step.state.decided?.takenOver === 'planned')
      checks.report('no-automatic-rejoin', this.#now, `${id} has commits that it did not hand over`);
    if (isPrimary(step.state) && !isPrimary(before) && step.state.decided === null)
      checks.report('reopened-without-majority', this.#now, id);
    if (trace === undefined || step.rows.length === 0) return;
    const deeds = step.effects.filter(({ kind }) => kind !== 'send').map((effect) => JSON.stringify(effect));
    const rows = step.rows.map((row) => row.id).join(' ');
    trace(`${Math.round(this.#now)} ${id} ${before.phase} ${rows} -> ${step.state.phase} ${deeds.join(' ')}`);
  }
}
