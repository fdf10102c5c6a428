// The door of a guard for commands of operators, and the agent that knocks: a real socket, only the loop behind it is not
// there.
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { CommandQueue } from '../../../agent/guard/command-queue.ts';
import { CommandSocket } from '../../../agent/guard/command-socket.ts';
import { commandGuard } from '../../../agent/guard-command.ts';
import { Journal } from '../../../agent/journal.ts';
import type { Command, CommandAnswer } from '../../../shared/pair/commands.ts';
import type { GuardCommand } from '../../../shared/protocol/guard-command.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';

const log = createLogger('test', 'silent');
const YES: CommandAnswer = { accepted: true, text: 'It begins.' };
const NO: CommandAnswer = { accepted: false, reason: 'The standby was last heard 900 ms ago.' };

async function doorOf(t: Test, answer: CommandAnswer) {
  const dir = mkdtempSync(join(tmpdir(), 'hotpair-')); // The path of a socket has 107 characters at most.
  const path = join(dir, 'guard.sock');
  const commands: Command[] = [];
  const obey = async (command: Command): Promise<CommandAnswer> => {
    commands.push(command);
    return answer;
  };
  writeFileSync(path, 'left by a guard before this one');
  const door = new CommandSocket({ path, obey, log });
  await door.start();
  t.teardown(() => {
    door.stop();
    rmSync(dir, { recursive: true });
  });
  return { door, path, commands, journal: new Journal(join(dir, 'journal.jsonl')) };
}

/** Says the text as it is, and answers what comes back. */
async function say(path: string, text: string | null): Promise<string> {
  const socket = connect(path).setEncoding('utf8');
  let heard = '';
  socket.on('data', (part: string) => {
    heard += part;
  });
  await once(socket, 'connect');
  if (text !== null) socket.write(text);
  await once(socket, 'close');
  return heard;
}

test('every command comes to the guard, with the clock of its host', async (t) => {
  const { path, commands, journal } = await doorOf(t, YES);
  t.equal(statSync(path).mode & 0o777, 0o600, "root's alone");
  const asked: GuardCommand[] = [
    { kind: 'switchover' },
    { kind: 'maintenance', reason: 'a new disk', forMs: 7_200_000 },
    { kind: 'solo', reason: 'tests', forMs: null },
    { kind: 'fence', reason: 'odd disk', forMs: null },
    { kind: 'off' },
    { kind: 'rejoin' },
    { kind: 'reseeded' },
    { kind: 'force-primary', accepts: 'lost-commits' },
  ];
  const before = Date.now();
  for (const command of asked) t.same(await commandGuard({ journal }, command, 'coordinator', path), YES);
  t.match(commands, asked);
  const times = commands.flatMap((command) => ('wallNow' in command ? [command.wallNow] : []));
  t.ok(times.length === 3 && times.every((time) => time >= before && time <= Date.now()));
  const entries = await journal.read(100);
  t.equal(entries.length, asked.length);
  t.match(entries[1], {
    ...{ caller: 'coordinator', action: 'guard.command', mode: 'apply', outcome: 'ok' },
    params: { kind: 'maintenance', reason: 'a new disk' },
  });
});

test('a refusal comes back with its reason, and is noted', async (t) => {
  const { path, journal } = await doorOf(t, NO);
  t.same(await commandGuard({ journal }, { kind: 'switchover' }, 'coordinator', path), NO);
  t.match(await journal.read(1), [{ outcome: 'refused', error: /900 ms/ }]);
});

test('a host without a guard takes no command', async (t) => {
  const { door, path, journal } = await doorOf(t, YES);
  door.stop();
  await t.rejects(commandGuard({ journal }, { kind: 'switchover' }, 'coordinator', path), {
    code: 'REFUSED',
    message: /takes no command/,
  });
  t.match(await journal.read(1), [{ outcome: 'failed', error: /REFUSED/ }]);
});

test('what is no command is answered with a refusal, and not obeyed', async (t) => {
  const { path, commands } = await doorOf(t, YES);
  const wrong = [
    'switchover\n',
    'null\n',
    '{"kind":"reboot"}\n',
    '{"kind":"constructor"}\n',
    '{"kind":"switchover","to":"db2"}\n',
    '{"kind":"fence","forMs":null}\n',
    '{"kind":"fence","reason":"a\\u001b[2J","forMs":null}\n',
    '{"kind":"maintenance","reason":"x","forMs":0}\n',
    '{"kind":"maintenance","reason":"x","forMs":null,"wallNow":1}\n',
    '{"kind":"force-primary","accepts":"everything"}\n',
    `{"kind":"fence","reason":"${'x'.repeat(5000)}","forMs":null}\n`,
  ];
  for (const line of wrong)
    t.match(
      JSON.parse(await say(path, line)),
      { accepted: false, reason: /could not read/ },
      line.slice(0, 60),
    );
  t.match(await say(path, null), /no line within/, 'who says nothing is sent away');
  t.same(commands, []);
  t.match(JSON.parse(await say(path, '{"kind":"switchover"}\nand more')), YES, 'the next one is served');
});

test('a command that waited too long is withdrawn, never late', async (t) => {
  const queue = new CommandQueue(50);
  t.match(await queue.ask({ kind: 'switchover' }), { accepted: false, reason: /nothing was done/ });
  t.equal(queue.next(), undefined);
  const answer = queue.ask({ kind: 'rejoin' });
  const turn = queue.next();
  t.same(turn?.command, { kind: 'rejoin' });
  turn?.settle(YES);
  t.same(await answer, YES);
  const lost = queue.ask({ kind: 'off' });
  queue.next();
  t.match(await lost, { accepted: false, reason: /in its log/ });
});
