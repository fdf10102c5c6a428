/**
 * hotpair used in a lab as its operator would: a folder with hotpair.yaml for the lab's hosts, and the coordinator's
 * command line run beside them, in the operator's network.
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runCommand } from '../../shared/runtime/run-command.ts';
import type { Lab } from '../lab/lab.ts';
import type { Account } from '../lab/load/pair-under-test.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUN_MS = 180_000;
const NAME = 'coordinator';

export interface LabCoordinator {
  /** Folder of its keys and secrets. */
  readonly data: string;
  /** Absolute path of its hotpair.yaml. */
  readonly file: string;
  /** The application's; on the servers only where `application` was asked for. */
  readonly account: Account;
  /** argv of one command line, for a caller that starts it by itself. */
  argv(...args: string[]): string[];
  run(...args: string[]): Promise<RunResult>;
  /** Runs with --json; `document` is what it printed. */
  json(...args: string[]): Promise<{ readonly code: number; readonly document: unknown }>;
  /** Runs with --json what must succeed, and answers its document; throws with the document's error. */
  documentOf(...args: string[]): Promise<Readonly<Record<string, unknown>>>;
}

export interface LabCoordinatorOptions {
  /** Name of its folder below the run's; two of different names are two coordinators. */
  readonly name?: string;
  /** Root of the sources to run; default this checkout. */
  readonly root?: string;
  /** Names of the pair's hosts; default all of the lab. */
  readonly hosts?: readonly string[];
  /** The deploy makes the application's database and account, too (default false). */
  readonly application?: boolean;
  /** `fence: none` (default false). */
  readonly unfenced?: boolean;
}

/** Where the coordinator of this name has its hotpair.yaml. */
export function coordinatorFile(lab: Lab, name = NAME): string {
  return join(lab.directory, name, 'hotpair.yaml');
}

/** argv that runs the command line of the coordinator of this name. */
export function coordinatorArgv(lab: Lab, args: readonly string[], name = NAME, root = ROOT): string[] {
  const program = join(root, 'coordinator/main.ts');
  return [...lab.operatorArgv, process.execPath, program, '--config', coordinatorFile(lab, name), ...args];
}

/** Writes hotpair.yaml of one pair, "orders"; touches no host. */
export function makeLabCoordinator(lab: Lab, options: LabCoordinatorOptions = {}): LabCoordinator {
  const { name = NAME, root = ROOT } = options;
  const file = coordinatorFile(lab, name);
  const data = join(lab.directory, name, 'data');
  const account = { database: 'app', user: 'app', password: randomBytes(12).toString('hex') };
  mkdirSync(join(lab.directory, name), { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile(lab, name), `${account.password}\n`, { mode: 0o600 });
  writeFileSync(file, render(lab, data, account, options), { mode: 0o600 });
  const argv = (...args: string[]): string[] => coordinatorArgv(lab, args, name, root);
  const run = (...args: string[]): Promise<RunResult> =>
    runCommand(argv(...args), { timeoutMs: RUN_MS, check: false });
  const json: LabCoordinator['json'] = async (...args) => {
    const { code, stdout, stderr } = await run('--json', ...args);
    if (stdout === '') throw new Error(`coordinator ${args.join(' ')}: exit ${code}: ${stderr.trim()}`);
    return { code, document: JSON.parse(stdout) };
  };
  return {
    ...{ data, file, account, argv, run, json },
    async documentOf(...args) {
      const { code, document } = await json(...args);
      const answered = document as Record<string, unknown>; // --json prints objects, and nothing else
      if (code === 0) return answered;
      const words = JSON.stringify(answered['error'] ?? document);
      throw new Error(`coordinator ${args.join(' ')} ended with code ${code}: ${words}`);
    },
  };
}

/** The number of changes a deploy's document tells; NaN would hide a changed contract, so it throws. */
export function changedOf(document: Readonly<Record<string, unknown>>): number {
  const { changed } = document;
  if (typeof changed === 'number') return changed;
  throw new Error(`the deploy's document has no number "changed": ${JSON.stringify(document).slice(0, 500)}`);
}

function passwordFile(lab: Lab, name: string): string {
  return join(lab.directory, name, 'application.password');
}

function render(lab: Lab, data: string, { database, user }: Account, options: LabCoordinatorOptions): string {
  const { hosts, application = false, unfenced = false, name = NAME } = options;
  const lines = [...lab.hosts.values()]
    .filter((host) => hosts === undefined || hosts.includes(host.name))
    .map((host) => `      ${host.name}: { address: ${host.address}, interface: eth0 }`);
  const account = application
    ? `    database:
      application:
        database: ${database}
        user: ${user}
        password_file: ${passwordFile(lab, name)}
`
    : '';
  return `pairs:
  orders:
    vip: ${lab.vip}/24
    hosts:
${lines.join('\n')}
${unfenced ? '    fence: none\n' : ''}${account}coordinator:
  data: ${data}
  ssh_config: ${lab.sshConfig}
`;
}
