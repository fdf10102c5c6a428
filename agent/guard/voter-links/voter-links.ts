/**
 * The links of a guard to the other voters. It dials the other guard and sends on that connection; what the other guard
 * says comes on the connection that it dialled. The witness dials this guard, and both directions use that connection.
 */

import { createSecureContext, type SecureContext } from 'node:tls';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Message } from '../../../shared/pair/effects.ts';
import type { FoundingMessage } from '../../../shared/pair/founding.ts';
import { type NodeId, peerOf, type VoterId } from '../../../shared/pair/weights.ts';
import { type Hello, type VoterMessage, WIRE_VERSION } from '../../../shared/pair/wire.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { VoterDialer } from '../../../shared/runtime/voter-link/voter-dialer.ts';
import { AcceptLinks } from './accept-links.ts';

/** Common name of the coordinator's certificate; no host can have it. */
const WITNESS_NAME = 'coordinator';

export interface VoterLinksOptions {
  readonly pair: string;
  readonly address: string;
  readonly port: number;
  readonly peer: { readonly address: string; readonly name: string; readonly port: number };
  readonly own: NodeId;
  /** PEM. */
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly log: Logger;
  readonly heard: (from: VoterId, message: Message) => void;
  /** What concerns the pair's first record; without it such messages are left unread. */
  readonly heardFounding?: (message: FoundingMessage) => void;
  readonly changed: () => void;
}

export class VoterLinks {
  readonly #options: VoterLinksOptions;
  readonly #peer: VoterId;
  readonly #dialer: VoterDialer;
  readonly #door: AcceptLinks;
  #up: Readonly<Partial<Record<VoterId, number>>> = {};

  /** Throws CERTIFICATE_REJECTED where authority, certificate and key are not sound. */
  constructor(options: VoterLinksOptions) {
    this.#options = options;
    const { pair, address, port, peer, own, identity, log } = options;
    const context = contextOf(options);
    const hello: Hello = { kind: 'hello', protocol: WIRE_VERSION, pair, from: own };
    const changed = (): void => this.#changed();
    this.#peer = peerOf(own);
    this.#dialer = new VoterDialer({
      ...{ address: peer.address, port: peer.port, localAddress: address, name: peer.name },
      ...{ from: this.#peer, own: hello, context: () => context, log, changed },
      // What a guard has to say it says on the connection that it dialled.
      heard: () => undefined,
    });
    this.#door = new AcceptLinks({
      ...{ address, port, identity, own: hello, log, changed },
      voters: new Map<string, VoterId>([
        [peer.name, this.#peer],
        [WITNESS_NAME, 'W'],
      ]),
      heard: (from, message) => this.#heard(from, message),
    });
  }

  /** Rejects where the port cannot be listened on at all; one that is taken for the moment is tried for. */
  async start(): Promise<void> {
    await this.#door.start();
    this.#dialer.start();
  }

  stop(): void {
    this.#dialer.stop();
    this.#door.stop();
  }

  /** False when there is no link, or it is given up with this message. */
  send(to: VoterId, message: VoterMessage): boolean {
    return to === this.#peer ? this.#dialer.send(message) : this.#door.send(to, message);
  }

  /** Since when (performance.now()) there is a link to send on. */
  get up(): Readonly<Partial<Record<VoterId, number>>> {
    return this.#up;
  }

  #heard(from: VoterId, message: VoterMessage): void {
    if (isFounding(message)) this.#options.heardFounding?.(message);
    else this.#options.heard(from, message);
  }

  #changed(): void {
    const peer = this.#dialer.upSince;
    const witness = this.#door.upSince('W');
    this.#up = {
      ...(peer === undefined ? {} : { [this.#peer]: peer }),
      ...(witness === undefined ? {} : { W: witness }),
    };
    this.#options.changed();
  }
}

function isFounding(message: VoterMessage): message is FoundingMessage {
  return message.kind.startsWith('found-');
}

function contextOf({ identity, peer }: VoterLinksOptions): SecureContext {
  if (peer.name === WITNESS_NAME)
    throw new AppError('CONFIG_INVALID', `A host cannot be named ${WITNESS_NAME}: rename it in the file.`);
  try {
    return createSecureContext({ ...identity, minVersion: 'TLSv1.3' });
  } catch (error) {
    throw new AppError(
      'CERTIFICATE_REJECTED',
      `The key or a certificate of this host's guard is not sound: ${String(error)}. Run coordinator agent install.`,
      { cause: error },
    );
  }
}
