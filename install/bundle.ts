/**
 * Makes the one file that goes onto hosts: dist/agent.cjs (agent, guard and enrolment), with the unit files beside it.
 * The version carries the hash of the bytes, so that a changed bundle is another version.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOTPAIR_VERSION } from '../shared/protocol/version.ts';

export interface AgentBundle {
  /** Absolute path of agent.cjs. */
  readonly path: string;
  /** "0.1.0+3f2a9c01d4e5" */
  readonly version: string;
  /** Hex digest of the file. */
  readonly sha256: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const BUNDLE = join(DIST, 'agent.cjs');
const RECORD = join(DIST, 'agent.json');
/** Stands in the bundle where its own version goes; as long as the hash that replaces it. */
const PLACEHOLDER = '@@BUILD-ID@@';

/** The bundle of the sources as they are; made only when one of its inputs has changed since the last time. */
export async function buildAgentBundle(): Promise<AgentBundle> {
  return (await readCached()) ?? (await build());
}

interface Record_ {
  readonly version: string;
  readonly sha256: string;
  /** Fingerprint of the inputs by path, size and time of change. */
  readonly fingerprint: string;
  readonly inputs: readonly string[];
}

async function readCached(): Promise<AgentBundle | undefined> {
  try {
    // dist/agent.json is written by build() below and by nothing else.
    const record = JSON.parse(await readFile(RECORD, 'utf8')) as Record_;
    if ((await fingerprint(record.inputs)) !== record.fingerprint) return undefined;
    if (sha256(await readFile(BUNDLE)) !== record.sha256) return undefined;
    return { path: BUNDLE, version: record.version, sha256: record.sha256 };
  } catch {
    return undefined;
  }
}

async function build(): Promise<AgentBundle> {
  // A cached bundle needs no bundler: it is loaded only here.
  const { build: bundle } = await import('esbuild');
  const result = await bundle({
    entryPoints: [join(ROOT, 'agent/main.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    write: false,
    outfile: BUNDLE,
    define: { HOTPAIR_BUILD: JSON.stringify(`${HOTPAIR_VERSION}+${PLACEHOLDER}`) },
  });
  const inputs = [
    ...Object.keys(result.metafile.inputs),
    'package-lock.json',
    relative(ROOT, import.meta.filename),
  ].sort();
  const before = await fingerprint(inputs);
  const raw = result.outputFiles[0]?.text ?? '';
  const id = sha256(raw).slice(0, PLACEHOLDER.length);
  const text = raw.replaceAll(PLACEHOLDER, id);
  const record: Record_ = {
    version: `${HOTPAIR_VERSION}+${id}`,
    sha256: sha256(text),
    fingerprint: before,
    inputs,
  };
  await mkdir(DIST, { recursive: true });
  await replace(BUNDLE, text);
  await replace(RECORD, JSON.stringify(record));
  return { path: BUNDLE, version: record.version, sha256: record.sha256 };
}

async function fingerprint(inputs: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    inputs.map(async (path) => {
      const { size, mtimeMs } = await stat(join(ROOT, path));
      return `${path} ${size} ${mtimeMs}`;
    }),
  );
  return sha256(lines.join('\n'));
}

async function replace(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
