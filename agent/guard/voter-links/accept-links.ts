/**
 * The door of a guard for the other voters. Who comes is told by the certificate: the peer's name is the other node,
 * `coordinator` the witness, everybody else is sent away. A voter has one connection here: a new one replaces the old.
 */

import type { X509Certificate } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { VoterId } from '../../../shared/pair/weights.ts';
import type { Hello, VoterMessage } from '../../../shared/pair/wire.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { VoterLink } from '../../../shared/runtime/voter-link/voter-link.ts';
import { tlsOf, type VoterIdentity } from './identity.ts';

const HANDSHAKE_MS = 1000;
const MAX_CONNECTIONS = 64;
const LISTEN_AGAIN_MS = 200;
const TELL_MS = 5000;
/** The address is not there yet, or another process is about to leave it. */
const PASSING: ReadonlySet<string> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);

export interface AcceptOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: VoterIdentity;
  /** By common name. */
  readonly voters: ReadonlyMap<string, VoterId>;
  readonly own: Hello;
  readonly log: Logger;
  readonly heard: (from: VoterId, message: VoterMessage) => void;
  readonly changed: () => void;
  /** Why a voter of this pair with a valid certificate is sent away all the same; null: it is not. Asked again by `renew`. */
  readonly refuses?: (voter: VoterId, certificate: X509Certificate) => string | null;
  /** A voter is connected and has shown this certificate. */
  readonly showed?: (voter: VoterId, certificate: X509Certificate) => void;
}

interface Linked {
  readonly link: VoterLink;
  readonly certificate: X509Certificate;
  /** performance.now(). */
  readonly since: number;
}

export class AcceptLinks {
  readonly #options: AcceptOptions;
  readonly #server: Server;
  readonly #links = new Map<VoterId, Linked>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Throws where certificate, key or authority are not sound. */
  constructor(options: AcceptOptions) {
    this.#options = options;
    this.#server = createServer({
      ...tlsOf(options.identity),
      ...{ requestCert: true, rejectUnauthorized: true },
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
    for (const { link } of this.#links.values()) link.close('it is stopped');
  }

  upSince(from: VoterId): number | undefined {
    return this.#links.get(from)?.since;
  }

  send(to: VoterId, message: VoterMessage): boolean {
    return this.#links.get(to)?.link.send(message) ?? false;
  }

  /** For connections from now on. A voter that is not let in any more is sent away at once. */
  renew(identity: VoterIdentity): void {
    for (const [from, { link, certificate }] of this.#links) {
      const reason = this.#refusal(from, certificate);
      if (reason !== null) link.close(reason);
    }
    this.#server.setSecureContext(tlsOf(identity));
  }

  /** What the voter has shown on the connection that there is. */
  certificateOf(from: VoterId): X509Certificate | undefined {
    return this.#links.get(from)?.certificate;
  }

  #listen(): void {
    const { address, port } = this.#options;
    if (!this.#stopped) this.#server.listen({ host: address, port });
  }

  #accept(socket: TLSSocket): void {
    const certificate = socket.getPeerX509Certificate();
    const from = certificate === undefined ? undefined : this.#voterOf(socket, certificate);
    if (certificate === undefined || from === undefined || this.#stopped) {
      socket.destroy();
      return;
    }
    const { own, heard, log } = this.#options;
    const link: VoterLink = new VoterLink({
      ...{ socket, own, from, dialled: false },
      heard: (message) => heard(from, message),
      up: () => this.#enter(from, { link, certificate, since: performance.now() }),
      down: (reason, refused) => {
        if (refused) this.#tell(reason);
        if (this.#links.get(from)?.link !== link) return;
        this.#links.delete(from);
        if (this.#stopped) return;
        log.warn({ voter: from, reason }, 'a voter is no longer connected');
        this.#options.changed();
      },
    });
  }

  /** undefined: it is not let in, and why is told. */
  #voterOf(socket: TLSSocket, certificate: X509Certificate): VoterId | undefined {
    const name = socket.getPeerCertificate().subject?.CN;
    const from = typeof name === 'string' ? this.#options.voters.get(name) : undefined;
    const reason =
      from === undefined
        ? `a certificate of ${String(name)} is not that of a voter of this pair`
        : this.#refusal(from, certificate);
    if (reason === null) return from;
    this.#tell(reason);
    return undefined;
  }

  #refusal(from: VoterId, certificate: X509Certificate): string | null {
    return this.#options.refuses?.(from, certificate) ?? null;
  }

  #enter(from: VoterId, linked: Linked): void {
    // What is asked may have changed since its certificate was seen.
    const reason = this.#refusal(from, linked.certificate);
    if (reason !== null) {
      linked.link.close(reason);
      return;
    }
    const before = this.#links.get(from);
    this.#links.set(from, linked);
    before?.link.close('a newer connection replaced it');
    this.#options.log.info({ voter: from }, 'a voter is connected');
    this.#options.showed?.(from, linked.certificate);
    this.#options.changed();
  }

  #tell(reason: string): void {
    const now = performance.now();
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.#options.log.warn({ reason }, 'a connection of a voter was refused');
  }
}
