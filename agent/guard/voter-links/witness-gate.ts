/**
 * Whose witness a guard hears. A pair that is taken over by a coordinator with another authority has two witnesses that
 * know nothing of each other, and the same vote must not be given twice.
 *
 * Invariants:
 * - a witness is heard only with a certificate of the authority that issued this guard's own;
 * - once that authority is another one, no witness is heard before the other guard has shown a certificate of it, too. Then
 *   neither guard hears the former witness any more, and the new one begins without a ledger: to the protocol it is one
 *   witness that lost its ledger, and it votes again when the pair has taken it in (amnesiacWitness);
 * - which authority both guards have been seen to be of is written down, and taken back before another one is shown.
 */

import type { X509Certificate } from 'node:crypto';
import { authorityOf, certificatesIn, isOf, type VoterIdentity } from './identity.ts';

/** Where the gate keeps the fingerprint of the authority that both guards are of; '' is none. */
export interface GateMemory {
  /** null: nothing was ever written. */
  read(): string | null;
  /** Durable when it returns; throws where it cannot be written. */
  write(fingerprint: string): void;
}

export class WitnessGate {
  readonly #memory: GateMemory;
  #authority: X509Certificate;
  #isOpen: boolean;

  /** Throws where the identity is not sound. */
  constructor(identity: VoterIdentity, memory: GateMemory) {
    this.#memory = memory;
    this.#authority = authorityOf(identity);
    const written = memory.read() ?? firstOf(identity);
    this.#isOpen = written === this.#authority.fingerprint256;
    this.#write();
  }

  /** Both guards are of one authority. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Before the identity is shown to anybody. Throws, and changes nothing, where that cannot be written down. */
  change(identity: VoterIdentity): void {
    const authority = authorityOf(identity);
    if (authority.fingerprint256 === this.#authority.fingerprint256) return;
    this.#memory.write('');
    this.#authority = authority;
    this.#isOpen = false;
  }

  /** The other guard has shown this certificate. Answers whether that opened the gate. */
  peerShowed(certificate: X509Certificate): boolean {
    if (this.#isOpen || !isOf(certificate, this.#authority)) return false;
    this.#isOpen = true;
    this.#write();
    return true;
  }

  /** Why a witness with this certificate is not heard; null: it is. */
  refuses(certificate: X509Certificate): string | null {
    if (!isOf(certificate, this.#authority))
      return 'The witness is that of another coordinator than this host is enrolled with.';
    return this.#isOpen
      ? null
      : 'The witness is heard when the other host has shown a certificate of its coordinator, too: bring the agents of both hosts to one coordinator.';
  }

  #write(): void {
    const fingerprint = this.#isOpen ? this.#authority.fingerprint256 : '';
    if (this.#memory.read() !== fingerprint) this.#memory.write(fingerprint);
  }
}

/** A host that has never had another authority has nothing to wait for. */
function firstOf(identity: VoterIdentity): string {
  const all = certificatesIn(identity.ca);
  return all.length === 1 ? (all[0]?.fingerprint256 ?? '') : '';
}
