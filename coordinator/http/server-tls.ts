/**
 * The certificate that the daemon shows to browsers and programs: that of the file, or else one of the coordinator's own
 * authority, made and renewed by itself. On loopback there is none unless the file names one.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';
import { makeOwnLeaf } from '../agents/own-leaf.ts';
import { loadOrCreatePki, needsRenewal } from '../agents/pki.ts';
import { isLoopback } from './loopback.ts';

const SERVER = { commonName: 'hotpair coordinator', address: null, use: 'server' } as const;

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

/** Null: without TLS, on loopback. Throws CERTIFICATE_REJECTED for files that cannot be used: then nothing is served. */
export async function loadServerTls({ coordinator }: HotpairSpec): Promise<ServerTls | null> {
  const { listen, tls, data } = coordinator;
  if (tls !== null) return await readFiles(tls.cert, tls.key);
  if (isLoopback(listen.host)) return null;
  return await ownIdentity(data, namesOf(listen.host));
}

const RENEW_EVERY_MS = 12 * 3_600_000;

/** Reads or makes the certificate anew while the daemon runs, and shows it to who connects from then on; returns the stop. */
export function keepFresh(spec: HotpairSpec, show: (tls: ServerTls) => void, log: Logger): () => void {
  const renew = async (): Promise<void> => {
    try {
      const tls = await loadServerTls(spec);
      if (tls !== null) show(tls);
    } catch (error) {
      log.error(
        { err: error },
        'the certificate of the interface could not be renewed; the one that is there stays',
      );
    }
  };
  const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
  return () => clearInterval(timer);
}

/** Another one where the names are not the same any more, or where the one that is there ends soon. */
async function ownIdentity(data: string, names: readonly string[]): Promise<ServerTls> {
  const { ca } = await loadOrCreatePki(data);
  const path = (name: string): string => join(data, 'pki', name);
  const kept = await readKept(path('server.crt'), path('server.key'));
  if (kept !== null && isFit(kept, ca, names)) return kept;
  const made = await makeOwnLeaf(data, { ...SERVER, alsoFor: names });
  await replaceFile(path('server.key'), made.key, 0o600);
  await replaceFile(path('server.crt'), made.cert, 0o600);
  return made;
}

/** Null where there is none yet. */
async function readKept(certFile: string, keyFile: string): Promise<ServerTls | null> {
  const read = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
  const [cert, key] = [await read(certFile), await read(keyFile)];
  return cert === null || key === null ? null : { cert, key };
}

function isFit({ cert, key }: ServerTls, ca: string, names: readonly string[]): boolean {
  try {
    const own = new X509Certificate(cert);
    const covers = (name: string): boolean =>
      (isIP(name) === 0 ? own.checkHost(name) : own.checkIP(name)) !== undefined;
    const isOwn = own.checkPrivateKey(createPrivateKey(key)) && own.verify(new X509Certificate(ca).publicKey);
    return isOwn && names.every(covers) && !needsRenewal(Date.parse(own.validTo), Date.now());
  } catch {
    return false; // What is there is no certificate: another one is made.
  }
}

async function readFiles(certFile: string, keyFile: string): Promise<ServerTls> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    new X509Certificate(cert);
    return { cert, key };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'CERTIFICATE_REJECTED',
      `The certificate of coordinator.tls cannot be used: ${words}. Without it nothing is served.`,
      { cause: error },
    );
  }
}

/** What people may type to get here: the address itself, or all of this machine's where it listens on all. */
function namesOf(host: string): readonly string[] {
  const all = host === '0.0.0.0' || host === '::';
  const own = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
  const here = all ? own.map((address) => address.replace(/%.*$/, '')) : [host];
  return [...new Set([...here, hostname(), 'localhost', '127.0.0.1'])];
}
