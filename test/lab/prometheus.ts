// A real Prometheus and its promtool, out of Debian's package: fetched from the machine's own mirror and unpacked beside
// the lab's images, installed nowhere.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { labRoot } from './paths.ts';
import { run } from './run.ts';

export interface PrometheusTools {
  /** Absolute paths of the programs. */
  readonly prometheus: string;
  readonly promtool: string;
}

const FETCH_MS = 120_000;

/** Fetches them once; a second run waits for the first one. */
export async function ensurePrometheus(log: (line: string) => void): Promise<PrometheusTools> {
  const folder = join(labRoot(), 'tools', 'prometheus');
  const program = (name: string): string => join(folder, 'usr/bin', name);
  if (!existsSync(folder))
    await withFileLock(join(labRoot(), 'tools', 'lock'), async () => {
      if (!existsSync(folder)) await unpack(folder, log);
    });
  return { prometheus: program('prometheus'), promtool: program('promtool') };
}

/** The folder appears complete or not at all. */
async function unpack(folder: string, log: (line: string) => void): Promise<void> {
  const temporary = `${folder}.fetching`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  log("fetching Debian's prometheus package (19 MB) for the tests of the alerting rules");
  const download = ['apt-get', 'download', '-q', '-o', 'APT::Sandbox::User=root', 'prometheus'];
  const fetch = (): Promise<unknown> => run(download, { cwd: temporary, timeoutMs: FETCH_MS });
  try {
    await fetch();
  } catch {
    // A machine that never asked its mirror knows no packages.
    await run(['apt-get', 'update', '-q'], { timeoutMs: FETCH_MS });
    await fetch();
  }
  const name = readdirSync(temporary).find((one) => one.endsWith('.deb')) ?? '';
  await run(['dpkg-deb', '--extract', join(temporary, name), join(temporary, 'root')], {
    timeoutMs: FETCH_MS,
  });
  renameSync(join(temporary, 'root'), folder);
  rmSync(temporary, { recursive: true });
}
