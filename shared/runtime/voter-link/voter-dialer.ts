/**
 * Keeps one link to a guard: dials it, and dials anew for as long as it is wanted. A try that hangs is given up soon, so
 * that a line that is mended carries a link again within about half a second.
 */

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { VoterId } from '../../pair/weights.ts';
import type { Hello, VoterMessage } from '../../pair/wire.ts';
import type { Logger } from '../logger.ts';
import { VoterLink } from './voter-link.ts';

const REDIAL_MS = 200;
/** For who may be patient with a guard that has been away for a while, or was never there. */
const PATIENT_MS = 1000;
const PATIENT_AFTER_MS = 30_000;
/** Where one side does not want the other. */
const REFUSED_MS = 2000;
const CONNECT_MS = 300;
const HANDSHAKE_MS = 500;
/** The same trouble is told once, another one at most this often. */
const TELL_MS = 5000;

export interface VoterDialerOptions {
  readonly address: string;
  readonly port: number;
  /** From which own address; the virtual one must not be taken. */
  readonly localAddress?: string;
  /** Common name of the certificate that is expected. */
  readonly name: string;
  readonly from: VoterId;
  readonly own: Hello;
  /** Authority, certificate and key; asked for at each try. */
  readonly context: () => SecureContext;
  /** A guard that has been away for long is dialled less often. */
  readonly patient?: boolean;
  /** Lets a few dialers of many through at a time: a handshake that waits behind a thousand others is given up. */
  readonly gate?: <T>(work: () => Promise<T>) => Promise<T>;
  /** As of VoterLink. */
  readonly pingMs?: number;
  readonly log: Logger;
  readonly heard: (message: VoterMessage) => void;
  /** The link is up, or no longer. */
  readonly changed: () => void;
}

export class VoterDialer {
  readonly #options: VoterDialerOptions;
  #socket: Socket | undefined;
  #link: VoterLink | undefined;
  #upSince: number | undefined;
  #lostAt = Number.NEGATIVE_INFINITY;
  #decided: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: VoterDialerOptions) {
    this.#options = options;
  }

  start(): void {
    const { gate = (work) => work() } = this.#options;
    void gate(() => this.#dial());
  }

  stop(): void {
    this.#stopped = true;
    this.#decided();
    clearTimeout(this.#timer);
    this.#link?.close('it is stopped');
    this.#socket?.destroy();
  }

  get upSince(): number | undefined {
    return this.#upSince;
  }

  send(message: VoterMessage): boolean {
    return this.#link?.send(message) ?? false;
  }

  /** Settles when the link is up, or this try has come to nothing. */
  #dial(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#decided = resolve;
    if (this.#stopped) resolve();
    else this.#try();
    return promise;
  }

  #try(): void {
    const startedAt = performance.now();
    const { address, port, localAddress } = this.#options;
    const socket = connectTcp({
      ...{ host: address, port, noDelay: true },
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.#socket = socket;
    let over = false;
    const fail = (reason: string, refused = false): void => {
      if (over) return;
      over = true;
      clearTimeout(this.#timer);
      socket.destroy();
      this.#lost(reason, startedAt + (refused ? REFUSED_MS : this.#pauseMs()));
    };
    this.#limit(CONNECT_MS, () => fail(`no connection within ${CONNECT_MS} ms`));
    socket.once('error', (error) => fail(error.message));
    socket.once('connect', () => {
      this.#limit(HANDSHAKE_MS, () => fail(`no handshake within ${HANDSHAKE_MS} ms`));
      this.#secure(socket, fail);
    });
  }

  #pauseMs(): number {
    if (this.#upSince !== undefined) this.#lostAt = performance.now();
    const { patient = false } = this.#options;
    return patient && performance.now() - this.#lostAt > PATIENT_AFTER_MS ? PATIENT_MS : REDIAL_MS;
  }

  #secure(socket: Socket, fail: (reason: string, refused?: boolean) => void): void {
    const { name, context } = this.#options;
    const tls = connectTls({
      ...{ socket, secureContext: context(), minVersion: 'TLSv1.3' },
      // The name counts, not the address; the authority has been checked when this is called.
      checkServerIdentity: (_address, { subject }) =>
        subject?.CN === name
          ? undefined
          : new Error(`the certificate is that of ${String(subject?.CN)}, not of ${name}`),
    });
    const give = (error: Error): void => fail(error.message, !isOfTheConnection(error));
    tls.once('error', give);
    tls.once('secureConnect', () => {
      tls.off('error', give);
      this.#begin(tls, fail);
    });
  }

  #begin(socket: TLSSocket, fail: (reason: string, refused: boolean) => void): void {
    const { own, from, heard, pingMs } = this.#options;
    this.#link = new VoterLink({
      ...{ socket, own, from, heard, dialled: true },
      ...(pingMs === undefined ? {} : { pingMs }),
      up: () => {
        clearTimeout(this.#timer);
        this.#found();
      },
      down: fail,
    });
  }

  #found(): void {
    this.#decided();
    const { log, name, address, port, changed } = this.#options;
    this.#upSince = performance.now();
    this.#told = '';
    log.info({ guard: name, address, port }, 'the link to a guard is up');
    changed();
  }

  #lost(reason: string, nextAt: number): void {
    const wasUp = this.#upSince !== undefined;
    this.#decided();
    this.#link = undefined;
    this.#upSince = undefined;
    if (this.#stopped) return;
    this.#tell(reason, wasUp);
    this.#limit(Math.max(0, nextAt - performance.now()), () => this.start());
    if (wasUp) this.#options.changed();
  }

  #tell(reason: string, wasUp: boolean): void {
    const now = performance.now();
    if (!wasUp && (reason === this.#told || now - this.#toldAt < TELL_MS)) return;
    this.#told = reason;
    this.#toldAt = now;
    const { log, name, address, port } = this.#options;
    log.warn({ guard: name, address, port, reason }, 'no link to a guard');
  }

  #limit(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}

/**
 * The connection ended, as with a guard that is killed: its port may still be open when its links have ended already, so
 * that a try at that moment is reset in its handshake. Errors of the system have codes like ECONNRESET; those of TLS and of
 * certificates do not.
 */
function isOfTheConnection(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code);
}
