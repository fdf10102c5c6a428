// --json over the table of commands: each prints one document and nothing else, whether it succeeds or not.
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { COMMANDS } from '../../../coordinator/cli/commands.ts';
import { createProgram } from '../../../coordinator/cli/frame.ts';
import { allCommands, pageName } from '../../../coordinator/cli/man-page.ts';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { type FakeAgents, startFakeAgents } from '../../support/fake-agents.ts';
import { runCli } from '../../support/run-cli.ts';

tap.setTimeout(240_000); // some thirty processes

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));

/** What stands after the command, and a key of its document. `error`: it needs hosts that a test on loopback has not. */
const DOCUMENTS: Readonly<Record<string, readonly [readonly string[], string]>> = {
  init: [['--file', 'new.yaml'], 'file'],
  check: [[], 'pairs'],
  'agent install': [['nowhere'], 'error'],
  'agent list': [[], 'agents'],
  'agent remove': [['nowhere'], 'error'],
  'agent metrics': [['metrics'], 'files'],
  plan: [['nowhere'], 'error'],
  deploy: [['nowhere', '--yes'], 'error'],
  verify: [['nowhere'], 'error'],
  status: [[], 'pairs'],
  switchover: [['nowhere', '--yes'], 'error'],
  maintenance: [['on', 'nowhere'], 'error'],
  solo: [['on', 'nowhere'], 'error'],
  fence: [['on', 'nowhere'], 'error'],
  rejoin: [['nowhere'], 'error'],
  reseed: [['nowhere'], 'error'],
  force: [['nowhere', '--primary', 'db1'], 'error'],
  drill: [['nowhere', '--yes'], 'error'],
  events: [[], 'events'],
  report: [[], 'pairs'],
  logs: [[], 'lines'],
  'alert list': [[], 'alerts'],
  'alert ack': [['999'], 'error'],
  'alert test': [[], 'error'],
  'token create': [['anna'], 'token'],
  'token list': [[], 'tokens'],
  'token revoke': [['nobody'], 'error'],
  'store backup': [['copy.db'], 'file'],
  completion: [['bash'], 'script'],
  man: [['man'], 'page'],
};
/** Commands without a document, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  serve: 'runs until it is stopped; its log is JSON lines as it is',
};

const program = createProgram(COMMANDS, () => {
  throw new TypeError('no command is run here');
});
const leaves = allCommands(program)
  .filter(({ commands }) => commands.length === 0)
  .map((command) => pageName(command).split('-').slice(1).join(' '));

async function documentOf(t: Test, agents: FakeAgents, name: string): Promise<void> {
  const [words, key] = DOCUMENTS[name] ?? [[], ''];
  const args = ['--json', '--config', agents.specFile, ...name.split(' '), ...words];
  const { stdout, stderr, code } = await runCli(args, { cwd: agents.data, main: MAIN });
  const document: object = JSON.parse(stdout);
  t.ok(key in document, `${name}: ${key} in ${stdout.slice(0, 300)}`);
  t.equal(code === 0, key !== 'error', `${name} ends with ${code} ${stderr}`);
}

test('the table has every command, or says why not', async (t) => {
  t.strictSame([...Object.keys(DOCUMENTS), ...Object.keys(WITHOUT)].sort(), [...leaves].sort());
});

test('every command prints one JSON document', async (t) => {
  const agents = await startFakeAgents(t.testdir());
  t.teardown(() => agents[Symbol.asyncDispose]());
  openStore(agents.data).close();
  agents.answer('log-read', () => ({ lines: [] }));
  const waiting = Object.keys(DOCUMENTS);
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      await documentOf(t, agents, name);
  };
  await Promise.all([work(), work()]);
});
