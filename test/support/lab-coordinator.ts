/**
 * hotpair used in a lab as its operator would: a folder with hotpair.yaml for the lab's hosts, and the coordinator's
 * command line run beside them, in the operator's network.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runCommand } from '../../shared/runtime/run-command.ts';
import type { Lab } from '../lab/lab.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUN_MS = 180_000;

export interface LabCoordinator {
  /** Folder of its keys and secrets. */
  readonly data: string;
  /** Absolute path of its hotpair.yaml. */
  readonly file: string;
  /** argv of one command line, for a caller that starts it by itself. */
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
  /** Names of the pair's hosts; default all of the lab. */
  readonly hosts?: readonly string[];
  readonly pair?: string;
  readonly application?: { readonly database: string; readonly user: string; readonly passwordFile: string };
}

/** Where the coordinator of this name has its hotpair.yaml. */
export function coordinatorFile(lab: Lab, name: string): string {
  return join(lab.directory, name, 'hotpair.yaml');
}

/** argv that runs the command line of the coordinator of this name. */
export function coordinatorArgv(lab: Lab, name: string, args: readonly string[], root = ROOT): string[] {
  const program = join(root, 'coordinator/main.ts');
  return [...lab.operatorArgv, process.execPath, program, '--config', coordinatorFile(lab, name), ...args];
}

/** Writes hotpair.yaml of one pair, "orders" unless told otherwise; touches no host. */
export function makeLabCoordinator(lab: Lab, options: LabCoordinatorOptions = {}): LabCoordinator {
  const name = options.name ?? 'coordinator';
  const file = coordinatorFile(lab, name);
  const data = join(lab.directory, name, 'data');
  mkdirSync(join(lab.directory, name), { recursive: true, mode: 0o700 });
  writeFileSync(file, render(lab, data, options), { mode: 0o600 });
  const argv = (...args: string[]): string[] => coordinatorArgv(lab, name, args, options.root);
  const run = (...args: string[]): Promise<RunResult> =>
    runCommand(argv(...args), { timeoutMs: RUN_MS, check: false });
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

function render(lab: Lab, data: string, options: LabCoordinatorOptions): string {
  const { hosts, pair = 'orders', application } = options;
  const lines = [...lab.hosts.values()]
    .filter(({ name }) => hosts === undefined || hosts.includes(name))
    .map(({ name, address }) => `      ${name}: { address: ${address}, interface: eth0 }`);
  const account =
    application === undefined
      ? ''
      : `    database:
      application:
        database: ${application.database}
        user: ${application.user}
        password_file: ${application.passwordFile}
`;
  return `pairs:
  ${pair}:
    vip: ${lab.vip}/24
    hosts:
${lines.join('\n')}
${account}coordinator:
  data: ${data}
  ssh_config: ${lab.sshConfig}
`;
}
