/**
 * The guard of one host: looks at the server, the peer, the address and replication ten times a second and whenever
 * one of them says something, decides (decide.ts), writes the permit, and starts what the decision asks for.
 *
 * Invariants: the loop waits for nothing; the permit is written before any action is started; one action of a group
 * runs at a time.
 */

import type { GuardState } from '../../shared/model/facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { Acts } from './acts.ts';
import { CatchUp } from './catch-up.ts';
import { ChannelWatch } from './channel-watch.ts';
import type { GuardConfig } from './config.ts';
import {
  ACTION_GROUPS,
  type ActionKind,
  type Decision,
  decide,
  type GuardAction,
  type PermitRow,
} from './decide.ts';
import { type ActionGroup, factsOf, type Observation } from './facts.ts';
import { covers } from './gtid.ts';
import { keepalivedRuns } from './keepalived.ts';
import { LinkKeeper } from './link-keeper.ts';
import { LocalServer } from './local-server.ts';
import { PeerView } from './peer-view.ts';
import { Permit } from './permit.ts';
import { nextReadiness } from './readiness.ts';
import { runFileExists } from './run-file.ts';
import { writeOptions } from './server-control.ts';
import { StatusFile } from './status-file.ts';
import { VipWatch } from './vip.ts';
import { Watchdog } from './watchdog.ts';

const SOON_MS = 10;
const FAILED_PAUSE_MS = 200;
const SLOW_EVERY_MS = 500;
const PEER_STREAMS_MS = 3000;

export class Guard {
  readonly #config: GuardConfig;
  readonly #log: Logger;
  readonly #permit = new Permit(HOST_PATHS.permit);
  readonly #status = new StatusFile(HOST_PATHS.guardStatus);
  readonly #server: LocalServer;
  readonly #peer: PeerView;
  readonly #vip: VipWatch;
  readonly #watchLink: LinkKeeper;
  readonly #channel: ChannelWatch;
  readonly #acts: Acts;
  readonly #catchUp = new CatchUp();
  readonly #watchdog = new Watchdog();
  readonly #busy = new Map<ActionGroup, ActionKind>();
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #lastTickAt = performance.now();
  #nextSlowAt = 0;
  #keepalived = true;
  #held = false;
  #serveAnyway = false;
  #ready: boolean;
  #lastRows: readonly string[] = [];
  #evaluating = false;
  #again = false;
  #serverWasUp = false;
  /** What is heard of connections that this guard itself has closed decides nothing. */
  #stopped = false;

  constructor(config: GuardConfig, ca: string, log: Logger) {
    this.#config = config;
    this.#log = log;
    const before = this.#status.read();
    const wasPrimary = before?.role === 'primary';
    this.#ready = wasPrimary;
    const changed = (): void => this.#evaluate();
    this.#server = new LocalServer(config, log, wasPrimary, changed);
    this.#peer = new PeerView(config, ca, changed);
    this.#vip = new VipWatch(config, log, () => this.#vipChanged());
    this.#watchLink = new LinkKeeper(this.#server.target);
    this.#channel = new ChannelWatch(this.#watchLink);
    const watches = { server: this.#server, peer: this.#peer, vip: this.#vip, channel: this.#channel };
    this.#acts = new Acts(config, log, watches, before?.lastPromotion ?? null);
  }

  start(): void {
    writeOptions('');
    this.#vip.start();
    this.#timer = setInterval(() => this.#tick(), this.#config.timing.probeMs);
    this.#tick();
  }

  /** Leaves the permit as it is: what becomes of it is for `guard stopped` to say. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#vip.close();
    this.#server.close();
    this.#peer.close();
    this.#watchLink.close();
    this.#acts.close();
  }

  #tick(): void {
    const now = performance.now();
    const { probeMs } = this.#config.timing;
    const stallMs = Math.max(0, now - this.#lastTickAt - 2 * probeMs);
    this.#lastTickAt = now;
    this.#server.tick(stallMs);
    this.#peer.tick(stallMs);
    this.#channel.tick(this.#server.view.state === 'up', this.#server.view.writable);
    if (now >= this.#nextSlowAt) this.#lookSlowly(now);
    this.#evaluate();
    this.#watchdog.tick();
  }

  #lookSlowly(now: number): void {
    this.#nextSlowAt = now + SLOW_EVERY_MS;
    this.#keepalived = keepalivedRuns();
    this.#held = runFileExists(HOST_PATHS.holdServer);
    this.#serveAnyway = runFileExists(HOST_PATHS.serveAnyway);
  }

  #vipChanged(): void {
    this.#log.info({ vip: this.#config.vip, here: this.#vip.view.present }, 'The address has moved.');
    this.#evaluate();
    if (this.#vip.view.present) void this.#peer.ask().then(() => this.#evaluate());
  }

  #evaluate(): void {
    this.#again = true;
    if (this.#stopped || this.#evaluating || !this.#hasLooked()) return;
    this.#evaluating = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#decideOnce();
      }
    } finally {
      this.#evaluating = false;
    }
  }

  /** A guard that was restarted beside a working primary must not deny it before it has looked. */
  #hasLooked(): boolean {
    return this.#server.known && this.#peer.view.state !== 'unknown';
  }

  #decideOnce(): void {
    this.#serverChanged();
    this.#updateReadiness();
    const facts = factsOf(this.#observe(), this.#config.timing);
    const decision = decide(facts);
    this.#setPermit(decision.permit);
    this.#logRows(decision);
    for (const action of decision.actions) this.#start(action);
    if (facts.vip && !facts.writable) this.#decideSoon();
    this.#status.write(this.#statusOf(decision));
  }

  /** Between the arrival of the address and the opening, the next tick is too far away. */
  #decideSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#evaluate();
    }, SOON_MS);
  }

  #setPermit({ id, permit, reason }: PermitRow): void {
    const before = this.#permit.granted;
    const written = this.#permit.set(permit);
    if (permit !== before) this.#log.info({ permit, row: id }, reason);
    else if (written)
      this.#log.info({ permit }, 'The permit file was overwritten, as keepalived does at its start.');
  }

  #serverChanged(): void {
    const up = this.#server.view.state === 'up';
    if (up === this.#serverWasUp) return;
    this.#serverWasUp = up;
    if (!up) {
      this.#channel.view = undefined;
      // Whoever holds a server and stops it at once must find it held when the next start is decided.
      this.#held = runFileExists(HOST_PATHS.holdServer);
      return;
    }
    this.#acts.serverCameUp();
    this.#watchLink
      .get()
      .catch((error) => this.#log.debug({ err: error }, 'Not ready to watch replication yet.'));
  }

  #updateReadiness(): void {
    const now = performance.now();
    const { state, since, writable, binlogPos, currentPos } = this.#server.view;
    const peer = this.#peer.view;
    this.#ready = nextReadiness(this.#ready, {
      now,
      server: state,
      serverSince: since,
      writable,
      vip: this.#vip.view.present,
      peer: peer.state,
      peerSince: peer.since,
      peerWaits: peer.waitsForUs,
      behind: peer.binlogPos !== undefined && !covers(binlogPos, peer.binlogPos),
      channel: this.#channel.view?.state ?? 'connecting',
      streamedAt: this.#channel.streamedAt,
      caughtUpAt: this.#catchUp.see(currentPos, peer.binlogPos, peer.heardAt),
    });
    if (this.#channel.view?.state === 'streaming') this.#acts.channelPause.worked();
  }

  #observe(): Observation {
    const now = performance.now();
    const peer = this.#peer.view;
    return {
      now,
      server: this.#server.view,
      channel: this.#channel.view?.state ?? 'connecting',
      ready: this.#ready,
      vip: this.#vip.view,
      permitSince: this.#permit.since,
      permit: this.#permit.granted,
      keepalived: this.#keepalived,
      peer: { ...peer, streams: peer.streamsAt !== undefined && now - peer.streamsAt < PEER_STREAMS_MS },
      yieldingUntil: this.#acts.yieldingUntil,
      held: this.#held,
      serveAnyway: this.#serveAnyway,
      nextStartAt: this.#acts.nextStartAt,
      nextChannelAt: this.#acts.channelPause.nextAt,
      startedAt: this.#startedAt,
      busy: new Set(this.#busy.keys()),
    };
  }

  #logRows(decision: Decision): void {
    const ids = decision.rows.map((row) => row.id);
    for (const [index, row] of decision.rows.entries()) {
      if (row.id === this.#lastRows[index]) continue;
      if (row.action !== null || index === 0) this.#log.info({ row: row.id, action: row.action }, row.reason);
      else this.#log.debug({ row: row.id }, row.reason);
    }
    this.#lastRows = ids;
  }

  #statusOf({ permit }: Decision) {
    return {
      role: this.#role(),
      permit: permit.permit,
      hasVip: this.#vip.view.present,
      reason: permit.reason,
      row: permit.id,
      lastPromotion: this.#acts.lastPromotion,
    };
  }

  #role(): GuardState['role'] {
    const { state, writable } = this.#server.view;
    if (state !== 'up') return this.#held ? 'maintenance' : 'down';
    const changing = this.#busy.get('role');
    if (changing === 'promote') return 'promoting';
    if (changing === 'demote') return 'demoting';
    return writable && this.#vip.view.present ? 'primary' : 'standby';
  }

  /** The group is free again after the action; after one that failed, with a pause. */
  #start(action: GuardAction): void {
    const group = ACTION_GROUPS[action.kind];
    this.#busy.set(group, action.kind);
    const free = (): void => {
      this.#busy.delete(group);
      this.#evaluate();
    };
    this.#acts.run(action).then(
      () => setImmediate(free),
      (error: unknown) => {
        this.#log.error({ err: error, action }, 'An action of the guard failed.');
        setTimeout(free, FAILED_PAUSE_MS);
      },
    );
  }
}
