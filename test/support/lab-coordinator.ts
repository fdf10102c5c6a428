/** The coordinator's command line run where it runs in the lab: in the operator's network, with a file for the lab's hosts. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runCommand } from '../../shared/runtime/run-command.ts';
import type { Lab } from '../lab/lab.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = join(ROOT, 'node_modules/.bin/node');

export interface LabCoordinator {
  /** Folder of its keys and secrets. */
  readonly data: string;
  /** Absolute path of its hotpair.yaml. */
  readonly file: string;
  /** argv of one command line, for a test that starts it by itself. */
  argv(...args: string[]): string[];
  run(...args: string[]): Promise<RunResult>;
  /** Runs with --json; `document` is what it printed. */
  json(...args: string[]): Promise<{ readonly code: number; readonly document: unknown }>;
}

export interface LabCoordinatorOptions {
  /** Name of its folder below the run's; two of different names are two coordinators. */
  readonly name?: string;
  /** Root of the sources to run; default this checkout. */
  readonly root?: string;
}

/** One pair "orders" of the lab's hosts db1 and db2. */
export async function makeLabCoordinator(
  lab: Lab,
  options: LabCoordinatorOptions = {},
): Promise<LabCoordinator> {
  const folder = join(lab.directory, options.name ?? 'coordinator');
  const data = join(folder, 'data');
  const file = join(folder, 'hotpair.yaml');
  await mkdir(folder, { recursive: true });
  await writeFile(file, render(lab, data));
  const argv = (...args: string[]): string[] => [
    ...lab.operatorArgv,
    NODE,
    join(options.root ?? ROOT, 'coordinator/main.ts'),
    '--config',
    file,
    ...args,
  ];
  const run = (...args: string[]): Promise<RunResult> =>
    runCommand(argv(...args), { timeoutMs: 120_000, check: false });
  return {
    data,
    file,
    argv,
    run,
    async json(...args) {
      const { code, stdout, stderr } = await run('--json', ...args);
      if (stdout === '') throw new Error(`no document; exit ${code}: ${stderr}`);
      return { code, document: JSON.parse(stdout) };
    },
  };
}

function render(lab: Lab, data: string): string {
  const hosts = [...lab.hosts.values()].map(
    (host) => `      ${host.name}: { address: ${host.address}, interface: eth0 }`,
  );
  return `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
${hosts.join('\n')}
coordinator:
  data: ${data}
  ssh_config: ${lab.sshConfig}
`;
}
