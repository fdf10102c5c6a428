/**
 * The coordinator's own certificate authority, in DATA/pki: made at first use, kept in files that only the owner reads.
 * Private keys of hosts never come here; hosts send requests.
 *
 * Invariants: the folder appears complete or not at all (rename); the authority is never replaced by this code; a
 * certificate that ends within RENEW_MS is issued anew when it is next asked for.
 */

import { X509Certificate } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HostSpec } from '../../shared/model/pair-spec.ts';
import { databaseName } from '../../shared/protocol/enrolment.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';
import type { KeyedCertificate, LeafRequest } from './issue-certificate.ts';
import type { ClientIdentity } from './link.ts';

/** Certificates that end sooner than this are renewed: 30 days. */
export const RENEW_MS = 30 * 86_400_000;

export type HostCertificateKind = 'agent' | 'database';

export interface Pki {
  /** Certificate of the authority, PEM: what hosts get to know whom to trust. */
  readonly ca: string;
  /** What this coordinator shows to agents. */
  clientIdentity(): ClientIdentity;
  /** Signs a host's request for its name and address. Throws CERTIFICATE_REJECTED for a damaged request. */
  issueHostCertificate(csrPem: string, host: HostSpec, kind: HostCertificateKind): Promise<string>;
}

const FILES = {
  caCert: 'ca.crt',
  caKey: 'ca.key',
  cert: 'coordinator.crt',
  key: 'coordinator.key',
} as const;

const CLIENT: LeafRequest = { commonName: 'coordinator', address: null, use: 'client' };

/** Reads the authority below `dataDir`, or makes it. Throws CERTIFICATE_REJECTED where its files are not whole. */
export async function loadOrCreatePki(dataDir: string): Promise<Pki> {
  const folder = join(dataDir, 'pki');
  const stored = (await readStored(folder)) ?? (await create(dataDir, folder));
  const { authority, client } = await renewed(folder, stored);
  return {
    ca: authority.cert,
    clientIdentity: () => ({ ca: authority.cert, cert: client.cert, key: client.key }),
    async issueHostCertificate(csrPem, host, kind) {
      const { signRequest } = await issuer();
      if (host.name === CLIENT.commonName) throw reservedName(host.name, kind);
      const commonName = kind === 'agent' ? host.name : databaseName(host.name);
      // Both hosts' guards dial each other, and a replica is a client of the other host's server.
      return signRequest(authority, csrPem, { commonName, address: host.address, use: 'both' });
    },
  };
}

/** Whether a certificate should be issued anew; `now` in ms since the epoch. */
export function needsRenewal(expiresAt: number, now: number): boolean {
  return !(expiresAt - now > RENEW_MS);
}

interface Stored {
  readonly authority: KeyedCertificate;
  readonly client: KeyedCertificate;
}

/** The X.509 library takes a tenth of a second to load, so only what issues certificates loads it. */
function issuer(): Promise<typeof import('./issue-certificate.ts')> {
  return import('./issue-certificate.ts');
}

async function readStored(folder: string): Promise<Stored | undefined> {
  try {
    const [caCert, caKey, cert, key] = await Promise.all(
      [FILES.caCert, FILES.caKey, FILES.cert, FILES.key].map((name) => readFile(join(folder, name), 'utf8')),
    );
    return {
      authority: { cert: caCert ?? '', key: caKey ?? '' },
      client: { cert: cert ?? '', key: key ?? '' },
    };
  } catch (error) {
    if (await isMissing(folder)) return undefined;
    throw damaged(folder, error);
  }
}

async function isMissing(folder: string): Promise<boolean> {
  return access(folder).then(
    () => false,
    () => true,
  );
}

async function create(dataDir: string, folder: string): Promise<Stored> {
  const { makeAuthority, makeLeaf } = await issuer();
  const authority = await makeAuthority();
  const client = await makeLeaf(authority, CLIENT);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const temporary = await mkdtemp(join(dataDir, 'pki-'));
  await replaceFile(join(temporary, FILES.caCert), authority.cert, 0o600);
  await replaceFile(join(temporary, FILES.caKey), authority.key, 0o600);
  await replaceFile(join(temporary, FILES.cert), client.cert, 0o600);
  await replaceFile(join(temporary, FILES.key), client.key, 0o600);
  try {
    await rename(temporary, folder);
    return { authority, client };
  } catch (error) {
    // Another command of this coordinator made it in the meantime: that one counts.
    await rm(temporary, { recursive: true, force: true });
    const stored = await readStored(folder);
    if (stored === undefined) throw error;
    return stored;
  }
}

async function renewed(folder: string, stored: Stored): Promise<Stored> {
  const expiresAt = checked(folder, stored);
  if (!needsRenewal(expiresAt, Date.now())) return stored;
  const { signKey } = await issuer();
  const cert = await signKey(stored.authority, stored.client.key, CLIENT);
  await replaceFile(join(folder, FILES.cert), cert, 0o600);
  return { authority: stored.authority, client: { cert, key: stored.client.key } };
}

/** Not-after of the client certificate, ms; throws where the files do not belong together. */
function checked(folder: string, { authority, client }: Stored): number {
  try {
    const ca = new X509Certificate(authority.cert);
    const own = new X509Certificate(client.cert);
    if (own.verify(ca.publicKey)) return Date.parse(own.validTo);
  } catch (error) {
    throw damaged(folder, error);
  }
  throw damaged(folder);
}

/** By this name agents and guards know the coordinator. */
const reservedName = (name: string, kind: HostCertificateKind): AppError =>
  new AppError(
    'REFUSED',
    `No host can be named ${name}: its ${kind} certificate would be taken for the coordinator's own. Give it another name in the file.`,
    { data: { host: name } },
  );

const damaged = (folder: string, cause?: unknown): AppError =>
  new AppError(
    'CERTIFICATE_REJECTED',
    `The coordinator's keys in ${folder} are incomplete or damaged. Put the folder back from a backup; without one, move it away and enrol the hosts again with coordinator agent install --take-over.`,
    { cause, data: { folder, reason: 'damaged' } },
  );
