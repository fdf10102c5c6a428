/**
 * `npm run demo`: two bare hosts become a pair, two faults and a switchover are played under load, and the pair stays up until Ctrl-C.
 * `npm run demo -- --once` exits after the story; its last line is one JSON document.
 * `npm run demo -- coordinator ARGUMENTS…` runs the coordinator of the demo that is up, from another terminal.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { coordinatorArgv, coordinatorFile } from '../../support/lab-coordinator.ts';
import { openLab } from '../lab.ts';
import { labRefusal } from '../requirements.ts';
import { listRuns } from '../run-record.ts';
import { type Demo, type DemoSummary, isDemo, playDemo } from './acts.ts';
import { createStory, type Story } from './story.ts';

const usage = `usage: npm run demo [-- --once]
       npm run demo -- coordinator ARGUMENTS…   in another terminal, while the demo is up
`;

/** The demo was ended from outside before its story was over. */
class Interrupted extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}; the hosts and everything of them are removed`);
    this.signal = signal;
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const once = argv.length === 1 && argv[0] === '--once';
  if (argv.length > 0 && !once && argv[0] !== 'coordinator') {
    process.stderr.write(usage);
    return 2;
  }
  const refusal = labRefusal();
  if (refusal !== undefined) throw new Error(`the demo cannot run here: ${refusal}.`);
  if (argv[0] === 'coordinator') return runCoordinator(argv.slice(1));
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => ending.abort(new Interrupted(name)));
  const story = createStory(process.stdout);
  story.line(
    'hotpair: two hosts become one hot-standby pair. Real hosts, in containers of this machine: their images are built once and kept, everything else goes away when the demo ends.',
  );
  const summary = await perform(story, once, ending.signal);
  if (once) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return 0;
}

/** Everything of the demo has gone when it settles. */
async function perform(story: Story, once: boolean, signal: AbortSignal): Promise<DemoSummary> {
  try {
    await using demo = await playDemo(story, signal);
    if (!once) await stay(demo, story, signal);
    if (signal.aborted) story.verbatim(''); // the terminal has written ^C
    story.line('Ending: the hosts and everything of them are removed; the images stay.');
    return demo.summary;
  } catch (error) {
    // Whatever else failed did so because the hosts went away.
    throw signal.aborted ? signal.reason : error;
  } finally {
    story.pause();
  }
}

/** Says what can be tried, and waits for Ctrl-C. */
async function stay({ lab }: Demo, story: Story, signal: AbortSignal): Promise<void> {
  story.chapter('Look around, in another terminal; Ctrl-C here ends everything');
  for (const [command, meaning] of thingsToTry(lab.prefix))
    story.command(`${command.padEnd(56)} # ${meaning}`);
  story.pause();
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(alive);
}

/** Commands and what they are for; both fit on 80 columns. */
function thingsToTry(prefix: string): readonly (readonly [command: string, meaning: string])[] {
  return [
    ['npm run demo -- coordinator status --watch', 'every second'],
    ['npm run demo -- coordinator events', 'what happened'],
    ['npm run demo -- coordinator drill', 'a failover'],
    ['npm run demo -- coordinator report', 'its health'],
    [`npm run lab -- exec db1 --prefix ${prefix} -- ip addr`, 'or any command'],
    [`npm run lab -- fault db2 power-loss --prefix ${prefix}`, 'no power'],
    [`npm run lab -- boot db2 --prefix ${prefix}`, 'power again'],
  ];
}

/** Runs the coordinator inside the newest demo that is up. */
async function runCoordinator(args: readonly string[]): Promise<number> {
  const newest = listRuns()
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .filter(({ prefix }) => isDemo(prefix))
    .map(({ prefix }) => openLab(prefix))
    .find((lab) => existsSync(coordinatorFile(lab)));
  if (newest === undefined) throw new Error('no demo is up: start one with `npm run demo`');
  const [file = '', ...rest] = coordinatorArgv(newest, args);
  const child = spawn(file, rest, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    process.on('SIGINT', () => undefined); // the coordinator's to answer
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Interrupted ? 128 + constants.signals[error.signal] : 1;
}
