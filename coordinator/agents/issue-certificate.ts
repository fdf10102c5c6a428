/**
 * Makes the certificates of a coordinator's own authority: ECDSA P-256 with SHA-256, an authority for ten years, leaves
 * for 825 days at most. A host's name and address come from the coordinator, never from the host's request, of which
 * only the public key is used after its signature is checked.
 */

import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { AppError } from '../../shared/errors/app-error.ts';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Certificates are valid from an hour ago: the clocks of the machines may differ a little. */
const BACKDATE_MS = 3_600_000;
const AUTHORITY_DAYS = 3652;
export const LEAF_DAYS = 825;

export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a leaf certificate may be used for. */
export type LeafUse = 'client' | 'server' | 'both';

export interface LeafRequest {
  readonly commonName: string;
  /** IP address that the certificate is for; null for a client. */
  readonly address: string | null;
  readonly use: LeafUse;
  /** More names that a server is reached by: addresses, or names of DNS. */
  readonly alsoFor?: readonly string[];
  /** Times for tests; the default is now and LEAF_DAYS. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A new authority with a name of its own, so that two coordinators' authorities are told apart. */
export async function makeAuthority(now = Date.now()): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=hotpair authority ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now - BACKDATE_MS + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** A key pair and its certificate, for what lives on the coordinator itself. */
export async function makeLeaf(authority: KeyedCertificate, request: LeafRequest): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  return {
    cert: await signLeaf(authority, keys.publicKey, request),
    key: await exportKey(keys.privateKey),
  };
}

/** A certificate for a private key that is at hand; the key stays as it is. */
export async function signKey(
  authority: KeyedCertificate,
  keyPem: string,
  request: LeafRequest,
): Promise<string> {
  const spki = createPublicKey(keyPem).export({ format: 'der', type: 'spki' });
  return signLeaf(authority, new x509.PublicKey(spki), request);
}

/** A certificate for the key of a PKCS #10 request. Throws CERTIFICATE_REJECTED for a request that is not sound. */
export async function signRequest(
  authority: KeyedCertificate,
  csrPem: string,
  request: LeafRequest,
): Promise<string> {
  return signLeaf(authority, await publicKeyOf(csrPem, request.commonName), request);
}

async function publicKeyOf(csrPem: string, host: string): Promise<x509.PublicKey> {
  try {
    const csr = new x509.Pkcs10CertificateRequest(csrPem);
    if (await csr.verify()) return csr.publicKey;
  } catch (error) {
    throw unsound(host, error);
  }
  throw unsound(host);
}

const unsound = (host: string, cause?: unknown): AppError =>
  new AppError(
    'CERTIFICATE_REJECTED',
    `The certificate request that came from ${host} is damaged or not signed by its own key; nothing was signed. Run the command again.`,
    { cause, data: { host, reason: 'request' } },
  );

async function signLeaf(
  authority: KeyedCertificate,
  publicKey: x509.PublicKeyType,
  request: LeafRequest,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.cert);
  const notBefore = request.notBefore ?? new Date(Date.now() - BACKDATE_MS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [request.commonName] }],
    issuer: issuer.subjectName,
    notBefore,
    notAfter: request.notAfter ?? new Date(notBefore.getTime() + LEAF_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    signingKey: await importKey(authority.key),
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages(request.use)),
      ...names(request),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return pem(certificate);
}

function usages(use: LeafUse): x509.ExtendedKeyUsage[] {
  if (use === 'client') return [x509.ExtendedKeyUsage.clientAuth];
  if (use === 'server') return [x509.ExtendedKeyUsage.serverAuth];
  return [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth];
}

function names({ address, alsoFor = [] }: LeafRequest): x509.Extension[] {
  const all = [...(address === null ? [] : [address]), ...alsoFor];
  if (all.length === 0) return [];
  return [
    new x509.SubjectAlternativeNameExtension(
      all.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ),
  ];
}

/** 16 random bytes, positive. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: x509.X509Certificate): string {
  return new X509Certificate(Buffer.from(certificate.rawData)).toString();
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  }) as string;
}

function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, KEY, false, ['sign']);
}
