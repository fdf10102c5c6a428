/** `coordinator token create|list|revoke`: who may use the daemon's REST interface. Works beside the daemon and without it. */

import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import type { Role } from '../../shared/api/schema.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { localTime } from '../report/units.ts';
import type { Store } from '../store/open-store.ts';
import { isValid, type StoredToken } from '../store/tokens.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { parseLength } from './time-options.ts';
import { withStore } from './with-store.ts';

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

interface Flags {
  readonly role: Role;
  readonly expires?: string;
}

export const registerTokenCreate: RegisterCommand = (program, cli) => {
  tokenGroup(program)
    .command('create <name>')
    .summary('make a token and print it, once')
    .description(
      'Makes a token for the REST interface and the console, and prints it on standard output: it is not kept, only its hash is. viewer reads; operator also switches over, drills, verifies and reports; admin also deploys and reads the audit trail.',
    )
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('viewer'))
    .option('--expires <time>', 'counts no more after so long, e.g. 90d')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator token create grafana\n  coordinator token create anna --role operator --expires 90d',
    )
    .action((name: string, flags: Flags) => create(cli(), name, flags));
};

export const registerTokenList: RegisterCommand = (program, cli) => {
  tokenGroup(program)
    .command('list')
    .summary('which tokens there are')
    .description('Lists the tokens that count, by name. With --json the revoked and expired ones, too.')
    .action(() => list(cli()));
};

export const registerTokenRevoke: RegisterCommand = (program, cli) => {
  tokenGroup(program)
    .command('revoke <name>')
    .summary('make a token count no more, at once')
    .description('The token is refused from now on; what is connected with it is cut off within seconds.')
    .action((name: string) => revoke(cli(), name));
};

function tokenGroup(program: Command): Command {
  const known = program.commands.find((command) => command.name() === 'token');
  return known ?? program.command('token').summary('who may use the REST interface and the console');
}

async function create(cli: Cli, name: string, flags: Flags): Promise<void> {
  const { role } = flags;
  if (!NAME.test(name))
    throw new AppError(
      'USAGE',
      `${name}: a name is up to 63 letters, digits, dots, - and _, first a letter.`,
    );
  const expires = flags.expires === undefined ? null : Date.now() + parseLength(flags.expires, '--expires');
  const token = withStore(cli, await cli.loadSpec(), (store) => {
    const made = store.tokens.create(name, role, expires);
    audit(store, 'token create', name, { role, expires });
    return made;
  });
  cli.output.line(token);
  cli.output.result({ name, role, expires, token });
}

async function list(cli: Cli): Promise<void> {
  const tokens = withStore(cli, await cli.loadSpec(), (store) => store.tokens.list());
  const now = Date.now();
  const rows = tokens.filter((token) => isValid(token, now)).map(rowOf);
  if (rows.length === 0) cli.output.line('No token counts: coordinator token create NAME makes one.');
  else cli.output.table([['name', 'role', 'made', 'ends'], ...rows]);
  cli.output.result({ tokens });
}

const rowOf = ({ name, role, created, expires }: StoredToken): readonly string[] => [
  name,
  role,
  localTime(created, undefined),
  expires === null ? 'never' : localTime(expires, undefined),
];

async function revoke(cli: Cli, name: string): Promise<void> {
  withStore(cli, await cli.loadSpec(), (store) => {
    store.tokens.revoke(name);
    audit(store, 'token revoke', name, {});
  });
  cli.output.line(`${cli.output.style.green('✔')} The token ${name} counts no more.`);
  cli.output.result({ name, revoked: true });
}

function audit(store: Store, action: string, target: string, data: Record<string, unknown>): void {
  store.audit.append({ actor: userInfo().username, source: 'cli', action, target, outcome: 'done', data });
}
