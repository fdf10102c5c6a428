/** Certificates of the coordinator's own authority for what is no host: the daemon's own, and that of a collector of metrics. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyedCertificate, LeafRequest } from './issue-certificate.ts';
import { loadOrCreatePki } from './pki.ts';

export interface OwnLeaf extends KeyedCertificate {
  /** Certificate of the authority. */
  readonly ca: string;
}

export async function makeOwnLeaf(data: string, request: LeafRequest): Promise<OwnLeaf> {
  const { ca } = await loadOrCreatePki(data);
  const key = await readFile(join(data, 'pki', 'ca.key'), 'utf8');
  const { makeLeaf } = await import('./issue-certificate.ts');
  return { ca, ...(await makeLeaf({ cert: ca, key }, request)) };
}
