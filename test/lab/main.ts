// The lab on the command line: `npm run lab -- up`, then exec, fault, heal, status, and `down` at the end.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { faultKinds, startFault } from './fault-kinds.ts';
import { ensureImages } from './images.ts';
import { type LabDisk, openLab, startLab } from './lab.ts';
import { removeRun } from './remove-run.ts';
import { ensureRequirements, ensureTestPrograms } from './requirements.ts';
import { readRun } from './run-record.ts';
import { readStatus, renderStatus } from './status.ts';

const usage = `usage: npm run lab -- COMMAND
  prepare [--tests]                                        install what the lab (and the tests) need, build the images
  up [--image bare|golden] [--hosts db1,db2] [--disk MB]   start hosts that stay until \`down\`
  status [--json]                                          what is up, and how to reach it
  exec HOST -- CMD…                                        run a command in a host
  fault HOST KIND [ARGUMENT]                               let something go wrong
  heal                                                     end every fault (hosts that are off stay off)
  boot HOST                                                turn a host on
  down                                                     end the run and remove everything of it
Every command takes --prefix NAME (default: lab) for more than one run.
Kinds of fault:
${faultKinds.map(({ kind, argument = '', effect }) => `  ${`${kind} ${argument}`.padEnd(22)} ${effect}`).join('\n')}
`;

class UsageError extends Error {}

const options = {
  image: { type: 'string', default: 'bare' },
  hosts: { type: 'string', default: 'db1,db2' },
  disk: { type: 'string' },
  tests: { type: 'boolean', default: false },
  prefix: { type: 'string', default: 'lab' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

async function main(argv: readonly string[]): Promise<number> {
  const split = argv.indexOf('--');
  const own = split === -1 ? argv : argv.slice(0, split);
  const command = split === -1 ? [] : argv.slice(split + 1);
  const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true });
  const [verb, first, kind, argument] = positionals;
  if (values.help || verb === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const host = (): string => first ?? fail(`${verb} needs the name of a host`);
  switch (verb) {
    case 'prepare':
      await ensureRequirements(print);
      if (values.tests) await ensureTestPrograms(print);
      await ensureImages('golden', { log: print });
      return 0;
    case 'up':
      return up(values);
    case 'status':
      print(values.json ? JSON.stringify({ runs: readStatus() }, null, 2) : renderStatus(readStatus()));
      return 0;
    case 'exec':
      return execIn(values.prefix, host(), command);
    case 'fault':
      await startFault(openLab(values.prefix), host(), kind ?? fail('fault needs a kind'), argument);
      return 0;
    case 'heal':
      await openLab(values.prefix).heal();
      return 0;
    case 'boot':
      await openLab(values.prefix, print).host(host()).boot();
      return 0;
    case 'down':
      if (readRun(values.prefix) === undefined) print(`there is no lab run ${values.prefix}`);
      removeRun(values.prefix);
      return 0;
    default:
      return fail(`there is no command ${verb}`);
  }
}

interface UpValues {
  readonly image: string;
  readonly hosts: string;
  readonly disk?: string | undefined;
  readonly prefix: string;
}

async function up({ image, hosts, disk, prefix }: UpValues): Promise<number> {
  if (image !== 'bare' && image !== 'golden') return fail(`there is no image ${image}: bare or golden`);
  const loop: { disk?: LabDisk } = disk === undefined ? {} : { disk: { loopMb: Number(disk) } };
  await startLab({ prefix, image, hosts: hosts.split(','), ...loop, keep: true, log: print });
  print(renderStatus(readStatus().filter((run) => run.prefix === prefix)));
  return 0;
}

async function execIn(prefix: string, name: string, command: readonly string[]): Promise<number> {
  if (command.length === 0) return fail('exec needs a command after --');
  const [file = '', ...args] = openLab(prefix).host(name).enterArgv(command);
  const child = spawn(file, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(message: string): never {
  throw new UsageError(message);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
