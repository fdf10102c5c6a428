/** The files that enrolment leaves on a host; a file that is right already is not touched. */

import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfigFile } from '../../shared/model/agent-config.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { EnrolCertificates, EnrolRequest } from '../../shared/protocol/enrolment.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';

/** Keys that belong to the certificates of one enrolment. */
export interface HostKeys {
  readonly agent: string;
  readonly database: string;
}

/** Makes the folders that only root enters. */
export async function ensureFolders(): Promise<void> {
  for (const path of [HOST_PATHS.config, HOST_PATHS.pki, HOST_PATHS.state])
    await mkdir(path, { recursive: true, mode: 0o700 });
}

/** A key before its certificate: a certificate that does not fit its key is noticed and issued anew. */
export async function writeCertificates(keys: HostKeys, issued: EnrolCertificates): Promise<string[]> {
  return ensureFiles([
    [HOST_PATHS.databaseKey, keys.database, 0o600],
    [HOST_PATHS.databaseCert, issued.database, 0o600],
    [HOST_PATHS.agentKey, keys.agent, 0o600],
    [HOST_PATHS.agentCert, issued.agent, 0o600],
  ]);
}

/** The authority comes last of the certificates: until it is there the host belongs to its previous coordinator. */
export async function writeConfiguration(request: EnrolRequest, trusted: string): Promise<string[]> {
  const config: AgentConfigFile = {
    host: request.host,
    listen: { address: request.address, port: request.port },
  };
  return ensureFiles([
    [HOST_PATHS.trusted, trusted, 0o600],
    [HOST_PATHS.ca, request.ca, 0o600],
    [HOST_PATHS.agentConfig, `${JSON.stringify(config, null, 2)}\n`, 0o600],
  ]);
}

/** Copies the unit files that came with the bundle; a bundle without the guard's unit is no fault. */
export async function writeUnits(release: string): Promise<string[]> {
  const units = await Promise.all(
    [HOST_PATHS.agentUnit, HOST_PATHS.guardUnit].map(async (path) => {
      const source = join(release, path.slice(path.lastIndexOf('/') + 1));
      const content = await readFile(source, 'utf8').catch(() => undefined);
      return content === undefined ? [] : [[path, content, 0o644] as const];
    }),
  );
  return ensureFiles(units.flat());
}

async function ensureFiles(files: readonly (readonly [string, string, number])[]): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, content, mode] of files) {
    if (await isRight(path, content, mode)) continue;
    await replaceFile(path, content, mode);
    changed.push(path);
  }
  return changed;
}

async function isRight(path: string, content: string, mode: number): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o777) === mode && (await readFile(path, 'utf8')) === content;
  } catch {
    return false;
  }
}
