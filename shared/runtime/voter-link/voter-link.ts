/**
 * One connection between two voters: lines of JSON over TLS whose certificates were checked before.
 *
 * Invariants:
 * - no message passes before both sides have said hello, of the same pair and protocol;
 * - a message that the certificate's owner cannot have sent ends the link;
 * - what was sent is confirmed by something heard within SILENT_MS, or the link is given up: a cut line is never left to
 *   the retransmissions of TCP. A link that does not drain is given up at once.
 * Time in which this process itself stood still is nobody's silence.
 */

import type { TLSSocket } from 'node:tls';
import { AppError } from '../../errors/app-error.ts';
import type { VoterId } from '../../pair/weights.ts';
import {
  decodeLine,
  encodeLine,
  type Hello,
  MAX_LINE,
  speaksForItself,
  type VoterMessage,
  type WireLine,
} from '../../pair/wire.ts';

const TICK_MS = 100;
const PING_MS = 200;
const SILENT_MS = 500;
/** What is said ten times a second confirms by itself what is heard. */
const CONFIRM_MS = 100;
const IDLE_MS = 2000;
const MAX_UNSENT_BYTES = 16_384;
/** How long a refused connection may take to read why. */
const LINGER_MS = 200;

export interface VoterLinkOptions {
  /** Its TLS handshake is over. */
  readonly socket: TLSSocket;
  readonly own: Hello;
  /** Who the other side is, by its certificate. */
  readonly from: VoterId;
  /** The side that dialled asks for a sign of life when there is nothing to send. */
  readonly dialled: boolean;
  /** After so much silence of its own, ms; default 200. */
  readonly pingMs?: number;
  readonly up: () => void;
  readonly heard: (message: VoterMessage) => void;
  /** Once; `refused`: one side does not want the other, so that trying again soon is of no use. */
  readonly down: (reason: string, refused: boolean) => void;
}

export class VoterLink {
  readonly #options: VoterLinkOptions;
  readonly #timer: NodeJS.Timeout;
  #unread = '';
  #isUp = false;
  #isDown = false;
  /** When what was heard is to be confirmed at the latest; null where everything is. */
  #confirmAt: number | null = null;
  #lastTickAt = performance.now();
  #heardAt = performance.now();
  #sentAt = performance.now();
  /** Since when something that was sent waits for a confirmation. */
  #waitingSince: number | null = null;

  constructor(options: VoterLinkOptions) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', (error) => this.#give(error.message, isRejection(error)));
    socket.on('close', () => this.#give('the other side closed the connection', false));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
    this.#write(options.own);
  }

  get isUp(): boolean {
    return this.#isUp && !this.#isDown;
  }

  /** False when the link is not up, or is given up because it does not drain. */
  send(message: VoterMessage): boolean {
    return this.isUp && this.#write(message);
  }

  close(reason: string): void {
    this.#give(reason, false);
  }

  #write(line: WireLine): boolean {
    const { socket } = this.#options;
    const now = performance.now();
    try {
      this.#gather();
      socket.write(encodeLine(line));
    } catch (error) {
      this.#give(`what should be sent is not valid: ${wordsOf(error)}`, true);
      return false;
    }
    this.#sentAt = now;
    // Whatever is sent tells the other side that it is heard.
    this.#confirmAt = null;
    if (line.kind !== 'heard') this.#waitingSince ??= now;
    if (socket.writableLength <= MAX_UNSENT_BYTES) return true;
    this.#give('it does not drain', false);
    return false;
  }

  /** What is sent in one turn of the event loop leaves as one record. */
  #gather(): void {
    const { socket } = this.#options;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  #read(chunk: string): void {
    this.#heardAt = performance.now();
    this.#waitingSince = null;
    const lines = (this.#unread + chunk).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) {
      const message = this.#isDown ? null : this.#understand(line);
      if (message !== null) this.#options.heard(message);
    }
    if (this.#unread.length > MAX_LINE) this.#refuse(`A line is longer than ${MAX_LINE} characters.`);
  }

  /** Null for what is the link's own business. */
  #understand(text: string): VoterMessage | null {
    try {
      return this.#take(decodeLine(text));
    } catch (error) {
      this.#refuse(wordsOf(error));
      return null;
    }
  }

  #take(line: WireLine): VoterMessage | null {
    if (line.kind === 'heard') return null;
    if (line.kind === 'bye') {
      this.#give(`the other side refused it: ${line.reason}`, true);
      return null;
    }
    this.#confirmAt ??= performance.now() + (line.kind === 'ping' ? 0 : CONFIRM_MS);
    if (line.kind === 'ping') return null;
    if (line.kind === 'hello') {
      this.#greet(line);
      return null;
    }
    if (!this.#isUp) throw malformed(`A message of kind ${line.kind} came before the hello.`);
    if (!speaksForItself(this.#options.from, line))
      throw malformed(`${this.#options.from} sent a message of kind ${line.kind} that is not its own.`);
    return line;
  }

  #greet(hello: Hello): void {
    const { own, from } = this.#options;
    const problem = this.#isUp ? 'A second hello came.' : problemOf(hello, own, from);
    if (problem !== null) throw malformed(problem);
    this.#isUp = true;
    this.#options.up();
  }

  #tick(): void {
    const { pingMs = PING_MS } = this.#options;
    const now = performance.now();
    const stall = now - this.#lastTickAt - TICK_MS;
    this.#lastTickAt = now;
    if (stall > TICK_MS) {
      this.#heardAt += stall;
      if (this.#waitingSince !== null) this.#waitingSince += stall;
    }
    const silence = this.#silence(now);
    if (silence !== null) this.#give(silence, false);
    else if (this.#confirmAt !== null && now >= this.#confirmAt) this.#write({ kind: 'heard' });
    else if (this.#options.dialled && now - this.#sentAt >= pingMs) this.#write({ kind: 'ping' });
  }

  #silence(now: number): string | null {
    if (this.#waitingSince !== null && now - this.#waitingSince >= SILENT_MS)
      return `nothing was heard for ${SILENT_MS} ms although something was sent`;
    return now - this.#heardAt >= IDLE_MS ? `nothing was heard for ${IDLE_MS} ms` : null;
  }

  #refuse(reason: string): void {
    if (this.#isDown) return;
    const { socket } = this.#options;
    this.#settle();
    socket.end(encodeLine({ kind: 'bye', reason: reason.replace(/\p{C}/gu, ' ').slice(0, 500) }));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
    this.#options.down(reason, true);
  }

  #give(reason: string, refused: boolean): void {
    if (this.#isDown) return;
    this.#settle();
    this.#options.socket.destroy();
    this.#options.down(reason, refused);
  }

  #settle(): void {
    this.#isDown = true;
    clearInterval(this.#timer);
  }
}

const malformed = (what: string): AppError => new AppError('MALFORMED_FRAME', what);
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function problemOf(hello: Hello, own: Hello, from: VoterId): string | null {
  if (hello.protocol !== own.protocol)
    return `Voters of protocol ${own.protocol} and ${hello.protocol} do not understand each other: bring both to one version.`;
  if (hello.pair !== own.pair)
    return `The voter of the pair ${own.pair} was met by one of the pair ${hello.pair}: an address is that of another pair.`;
  if (hello.from !== from)
    return `By its certificate it is ${from}, by its own word ${hello.from}: the hosts are numbered differently on the two sides.`;
  return null;
}

/** The other side's TLS does not accept this one's certificate (with TLS 1.3 the client hears it after its handshake). */
function isRejection(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_SSL_');
}
