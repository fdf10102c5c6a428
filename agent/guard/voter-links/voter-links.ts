/**
 * The links of a guard to the other voters. It dials the other guard and sends on that connection; what the other guard
 * says comes on the connection that it dialled. The witness dials this guard, and both directions use that connection.
 */

import type { X509Certificate } from 'node:crypto';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Message } from '../../../shared/pair/effects.ts';
import type { FoundingMessage } from '../../../shared/pair/founding.ts';
import { type NodeId, peerOf, type VoterId } from '../../../shared/pair/weights.ts';
import { type Hello, type VoterMessage, WIRE_VERSION } from '../../../shared/pair/wire.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { VoterDialer } from '../../../shared/runtime/voter-link/voter-dialer.ts';
import { AcceptLinks } from './accept-links.ts';
import { contextOf, type VoterIdentity, withoutFormer } from './identity.ts';
import { type GateMemory, WitnessGate } from './witness-gate.ts';

/** Common name of the coordinator's certificate; no host can have it. */
const WITNESS_NAME = 'coordinator';

export interface VoterLinksOptions {
  readonly pair: string;
  readonly address: string;
  readonly port: number;
  readonly peer: { readonly address: string; readonly name: string; readonly port: number };
  readonly own: NodeId;
  readonly identity: VoterIdentity;
  readonly gateMemory: GateMemory;
  readonly log: Logger;
  readonly heard: (from: VoterId, message: Message) => void;
  /** What concerns the pair's first record; without it such messages are left unread. */
  readonly heardFounding?: (message: FoundingMessage) => void;
  readonly changed: () => void;
}

export class VoterLinks {
  readonly #options: VoterLinksOptions;
  readonly #peer: VoterId;
  readonly #hello: Hello;
  readonly #gate: WitnessGate;
  readonly #door: AcceptLinks;
  #identity: VoterIdentity;
  #dialer: VoterDialer;
  /** Dials with a newer identity; takes the place of the other one when its link is up. */
  #next: VoterDialer | undefined;
  #up: Readonly<Partial<Record<VoterId, number>>> = {};

  /** Throws CERTIFICATE_REJECTED where authority, certificate and key are not sound. */
  constructor(options: VoterLinksOptions) {
    this.#options = options;
    const { pair, address, port, peer, own, log, gateMemory } = options;
    if (peer.name === WITNESS_NAME)
      throw new AppError('CONFIG_INVALID', `A host cannot be named ${WITNESS_NAME}: rename it in the file.`);
    contextOf(options.identity);
    this.#peer = peerOf(own);
    this.#hello = { kind: 'hello', protocol: WIRE_VERSION, pair, from: own };
    this.#identity = options.identity;
    this.#gate = new WitnessGate(options.identity, gateMemory);
    this.#dialer = this.#makeDialer();
    this.#door = new AcceptLinks({
      ...{ address, port, own: this.#hello, log },
      identity: this.#shown,
      changed: () => this.#changed(),
      voters: new Map<string, VoterId>([
        [peer.name, this.#peer],
        [WITNESS_NAME, 'W'],
      ]),
      heard: (from, message) => this.#heard(from, message),
      refuses: (voter, certificate) => (voter === 'W' ? this.#gate.refuses(certificate) : null),
      showed: (voter, certificate) => {
        if (voter !== 'W') this.#peerShowed(certificate);
      },
    });
  }

  /**
   * From now on this guard is this one. The link to the other guard goes on as it is until there is one that was made with
   * the new identity. Throws, and changes nothing, where the identity is not sound or cannot be written down.
   */
  renew(identity: VoterIdentity): void {
    contextOf(identity);
    this.#gate.change(identity);
    this.#identity = identity;
    this.#show();
    this.#next?.stop();
    this.#next = this.#makeDialer();
    this.#next.start();
    const shown = this.#door.certificateOf(this.#peer);
    if (shown !== undefined) this.#peerShowed(shown);
  }

  /** Rejects where the port cannot be listened on at all; one that is taken for the moment is tried for. */
  async start(): Promise<void> {
    await this.#door.start();
    this.#dialer.start();
  }

  stop(): void {
    this.#dialer.stop();
    this.#next?.stop();
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

  #makeDialer(): VoterDialer {
    const { address, own, peer, log } = this.#options;
    const context = contextOf(this.#shown);
    return new VoterDialer({
      ...{ address: peer.address, port: peer.port, localAddress: address, name: peer.name },
      ...{ from: peerOf(own), own: this.#hello, context: () => context, log },
      changed: () => this.#changed(),
      // What a guard has to say it says on the connection that it dialled.
      heard: () => undefined,
    });
  }

  /** Where both guards are of one authority, those before it are trusted no more. */
  get #shown(): VoterIdentity {
    const identity = this.#identity;
    return this.#gate.isOpen ? { ...identity, ca: withoutFormer(identity) } : identity;
  }

  #show(): void {
    this.#door.renew(this.#shown);
  }

  #peerShowed(certificate: X509Certificate): void {
    if (!this.#gate.peerShowed(certificate)) return;
    this.#show();
    this.#options.log.info('Both guards are of one coordinator: its witness is heard.');
  }

  #changed(): void {
    if (this.#next?.upSince !== undefined) {
      this.#dialer.stop();
      this.#dialer = this.#next;
      this.#next = undefined;
    }
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
