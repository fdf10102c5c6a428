/** Who this host is by its files: the authority it trusts and the certificates it has, and what enrolment has to renew. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { databaseName, type EnrolRequest, foreignHost } from '../../shared/protocol/enrolment.ts';

export interface KeyedCertificate {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

export interface HostIdentity {
  /** Authority that the host trusts; null: it belongs to nobody. */
  readonly ca: X509Certificate | null;
  readonly agent: KeyedCertificate | null;
  readonly database: KeyedCertificate | null;
  /** Authorities that the database server is to trust, PEM; null: that was not said yet. */
  readonly trusted: string | null;
}

/** Missing or unreadable files count as not there: they are made anew. */
export async function readIdentity(): Promise<HostIdentity> {
  const [ca, agentCert, agentKey, databaseCert, databaseKey, trusted] = await Promise.all(
    [
      HOST_PATHS.ca,
      HOST_PATHS.agentCert,
      HOST_PATHS.agentKey,
      HOST_PATHS.databaseCert,
      HOST_PATHS.databaseKey,
      HOST_PATHS.trusted,
    ].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return {
    ca: parsed(() => new X509Certificate(ca ?? '')),
    agent: keyed(agentCert, agentKey),
    database: keyed(databaseCert, databaseKey),
    trusted: trusted || null,
  };
}

/**
 * Whether certificates have to be issued. Throws REFUSED where the host belongs to another coordinator and the request
 * does not take it over. Pure.
 */
export function needsCertificates(identity: HostIdentity, request: EnrolRequest): boolean {
  const ca = new X509Certificate(request.ca);
  if (identity.ca !== null && identity.ca.fingerprint256 !== ca.fingerprint256) {
    if (!request.takeOver) throw foreignHost(request.host, nameOf(identity.ca), nameOf(ca));
    return true;
  }
  const database = { ...request, host: databaseName(request.host) };
  return !isGood(identity.agent, ca, request) || !isGood(identity.database, ca, database);
}

/**
 * Authorities for the servers of the pair. While a take-over goes from host to host one server shows a certificate of
 * the new authority and the other one still of the former, so both trust both, or replication would stop between them.
 * The former one goes when certificates are next issued. Pure.
 */
export function trustedAuthorities(identity: HostIdentity, request: EnrolRequest, issued: boolean): string {
  const ca = new X509Certificate(request.ca);
  if (identity.ca !== null && identity.ca.fingerprint256 !== ca.fingerprint256)
    return `${request.ca.trimEnd()}\n${identity.ca.toString()}`;
  return issued ? request.ca : (identity.trusted ?? request.ca);
}

function isGood(held: KeyedCertificate | null, ca: X509Certificate, request: EnrolRequest): boolean {
  if (held === null) return false;
  const { certificate, key } = held;
  return (
    certificate.verify(ca.publicKey) &&
    certificate.checkPrivateKey(key) &&
    certificate.subject === `CN=${request.host}` &&
    certificate.checkIP(request.address) !== undefined &&
    Date.parse(certificate.validTo) > request.renewBefore
  );
}

function keyed(cert: string | undefined, key: string | undefined): KeyedCertificate | null {
  return parsed(() => ({
    certificate: new X509Certificate(cert ?? ''),
    key: createPrivateKey(key ?? ''),
  }));
}

function parsed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

const nameOf = (certificate: X509Certificate): string => certificate.subject.replace(/^CN=/, '');
