/** The guard's identity as enrolment leaves it on the host, read again whenever its folder changes. */

import { readFileSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { readRunFile } from './run-file.ts';
import { authorityOf, certificatesIn, contextOf, type VoterIdentity } from './voter-links/identity.ts';

/** Enrolment writes several files; they are read when it has been quiet for so long. */
const QUIET_MS = 250;
/** After identities that could not be used, or not be written down. */
const AGAIN_MS = 30_000;

const { trusted, ca, agentCert, agentKey } = HOST_PATHS;

/** Throws where a file is missing or one does not fit another. */
export function readIdentity(): VoterIdentity {
  const [authority, cert, key] = [ca, agentCert, agentKey].map((path) => readFileSync(path, 'utf8'));
  return identityOf(readRunFile(trusted) ?? '', authority ?? '', cert ?? '', key ?? '');
}

/** Tells each identity that is another one than before. What does not fit together yet is not told. */
export function watchIdentity(first: VoterIdentity, log: Logger, tell: (next: VoterIdentity) => void): void {
  let known = first;
  let timer: NodeJS.Timeout | undefined;
  let reading = Promise.resolve();
  const lookIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => (reading = reading.then(look)), ms).unref();
  };
  const look = async (): Promise<void> => {
    try {
      const next = await readAnew();
      if (isSame(next, known)) return;
      tell(next);
      known = next;
    } catch (error) {
      log.warn({ err: error }, 'The certificates of this host are not taken over as they are.');
      lookIn(AGAIN_MS);
    }
  };
  const watcher = watch(HOST_PATHS.pki, () => lookIn(QUIET_MS));
  watcher.on('error', (error) => log.warn({ err: error }, 'New certificates are not noticed any more.'));
  watcher.unref();
}

async function readAnew(): Promise<VoterIdentity> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8');
  const both = await read(trusted).catch(() => '');
  return identityOf(both, await read(ca), await read(agentCert), await read(agentKey));
}

/** The authority of the agent counts, too: a host that was enrolled by an older build has no other file. */
function identityOf(both: string, authority: string, cert: string, key: string): VoterIdentity {
  const seen = new Map(
    certificatesIn(`${both}\n${authority}`).map((one) => [one.fingerprint256, one] as const),
  );
  const identity = { ca: [...seen.values()].map(String).join(''), cert, key };
  authorityOf(identity);
  contextOf(identity);
  return identity;
}

function isSame(one: VoterIdentity, other: VoterIdentity): boolean {
  return one.ca === other.ca && one.cert === other.cert && one.key === other.key;
}
