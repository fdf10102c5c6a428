/**
 * The door of a guard for the other voters. Who comes is told by the certificate: the peer's name is the other node,
 * `coordinator` the witness, everybody else is sent away. A voter has one connection here: a new one replaces the old.
 */

import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { VoterId } from '../../../shared/pair/weights.ts';
import type { Hello, VoterMessage } from '../../../shared/pair/wire.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { VoterLink } from '../../../shared/runtime/voter-link/voter-link.ts';

const HANDSHAKE_MS = 1000;
const MAX_CONNECTIONS = 64;
const LISTEN_AGAIN_MS = 200;
const TELL_MS = 5000;
/** The address is not there yet, or another process is about to leave it. */
const PASSING: ReadonlySet<string> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);

export interface AcceptOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  /** By common name. */
  readonly voters: ReadonlyMap<string, VoterId>;
  readonly own: Hello;
  readonly log: Logger;
  readonly heard: (from: VoterId, message: VoterMessage) => void;
  readonly changed: () => void;
}

export class AcceptLinks {
  readonly #options: AcceptOptions;
  readonly #server: Server;
  readonly #links = new Map<VoterId, VoterLink>();
  readonly #since = new Map<VoterId, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Throws where certificate, key or authority are not sound. */
  constructor(options: AcceptOptions) {
    this.#options = options;
    this.#server = createServer({
      ...options.identity,
      ...{ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
      ...{ noDelay: true, handshakeTimeout: HANDSHAKE_MS },
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (error) => this.#tell(error.message));
  }

  /** Settles after the first try; a port that is taken for the moment is tried for until it is free. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('listening', resolve);
      this.#server.on('error', (error: NodeJS.ErrnoException) => {
        if (!PASSING.has(error.code ?? '')) return reject(error);
        this.#tell(error.message);
        this.#timer = setTimeout(() => this.#listen(), LISTEN_AGAIN_MS);
        resolve();
      });
      this.#listen();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#server.close();
    for (const link of this.#links.values()) link.close('it is stopped');
  }

  upSince(from: VoterId): number | undefined {
    return this.#since.get(from);
  }

  send(to: VoterId, message: VoterMessage): boolean {
    return this.#links.get(to)?.send(message) ?? false;
  }

  #listen(): void {
    const { address, port } = this.#options;
    if (!this.#stopped) this.#server.listen({ host: address, port });
  }

  #accept(socket: TLSSocket): void {
    const name = socket.getPeerCertificate().subject?.CN;
    const from = typeof name === 'string' ? this.#options.voters.get(name) : undefined;
    if (from === undefined || this.#stopped) {
      this.#tell(`a certificate of ${String(name)} is not that of a voter of this pair`);
      socket.destroy();
      return;
    }
    const { own, heard, log } = this.#options;
    const link: VoterLink = new VoterLink({
      ...{ socket, own, from, dialled: false },
      heard: (message) => heard(from, message),
      up: () => this.#enter(from, link),
      down: (reason, refused) => {
        if (refused) this.#tell(reason);
        if (this.#links.get(from) !== link) return;
        this.#links.delete(from);
        this.#since.delete(from);
        if (this.#stopped) return;
        log.warn({ voter: from, reason }, 'a voter is no longer connected');
        this.#options.changed();
      },
    });
  }

  #enter(from: VoterId, link: VoterLink): void {
    const before = this.#links.get(from);
    this.#links.set(from, link);
    this.#since.set(from, performance.now());
    before?.close('a newer connection replaced it');
    this.#options.log.info({ voter: from }, 'a voter is connected');
    this.#options.changed();
  }

  #tell(reason: string): void {
    const now = performance.now();
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.#options.log.warn({ reason }, 'a connection of a voter was refused');
  }
}
