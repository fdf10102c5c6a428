/** Who a guard is to the other voters, and by which authorities it knows them. Pure. */

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { AppError } from '../../../shared/errors/app-error.ts';

/** PEM. */
export interface VoterIdentity {
  /**
   * Authorities, one after another: the one that issued `cert`; before it those that are to take its place, after it those
   * that it has taken the place of.
   */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The certificates in a text, in their order. Throws where one is not sound. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Whether `authority` signed it. */
export function isOf(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** The authority that issued the identity's certificate. Throws CERTIFICATE_REJECTED where it is not among its own. */
export function authorityOf({ ca, cert }: VoterIdentity): X509Certificate {
  const [own] = certificatesIn(cert);
  const authority = certificatesIn(ca).find((one) => own !== undefined && isOf(own, one));
  if (authority === undefined) throw unsound('no authority that this host trusts has issued its certificate');
  return authority;
}

/** The authorities without those that the own one has taken the place of, PEM. */
export function withoutFormer(identity: VoterIdentity): string {
  const own = authorityOf(identity).fingerprint256;
  const all = certificatesIn(identity.ca);
  const place = all.findIndex(({ fingerprint256 }) => fingerprint256 === own);
  return all
    .slice(0, place + 1)
    .map(String)
    .join('');
}

/** Throws CERTIFICATE_REJECTED where authority, certificate and key are not sound, or do not belong together. */
export function contextOf(identity: VoterIdentity): SecureContext {
  try {
    return createSecureContext(tlsOf(identity));
  } catch (error) {
    throw unsound(String(error), error);
  }
}

export function tlsOf({ ca, cert, key }: VoterIdentity) {
  return { ca, cert, key, minVersion: 'TLSv1.3' } as const;
}

const unsound = (what: string, cause?: unknown): AppError =>
  new AppError(
    'CERTIFICATE_REJECTED',
    `The key or a certificate of this host's guard is not sound: ${what}. Run coordinator agent install.`,
    { cause },
  );
