/** What a guard does when an effect fails, and that writing about it holds nothing up. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { DecisionLog } from '../../../agent/guard/decision-log.ts';
import { Performer, type PerformerParts } from '../../../agent/guard/performer.ts';
import { SaidBefore } from '../../../agent/guard/said-before.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Effect } from '../../../shared/pair/effects.ts';
import { firstRecord } from '../../../shared/pair/record.ts';
import { firstLedger } from '../../../shared/pair/voter.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { decisionOf } from '../../support/make-decision.ts';

const PERSIST: Effect = {
  kind: 'persist',
  durable: { ledger: firstLedger(firstRecord('A')), servedEpoch: null, order: null },
};
const ANSWER: Effect = { kind: 'send', to: 'B', message: { kind: 'forgot', memory: 1 } };

test('what rests on a vote that could not be written down is not sent, and the step is undone', async (t) => {
  const done: string[] = [];
  const parts = {
    links: { send: () => done.push('sent') },
    log: createLogger('performer', 'silent'),
    persist: () => {
      throw new AppError('REFUSED', 'no room');
    },
    unwritten: () => done.push('undone'),
  };
  // Only these parts are asked for here.
  const performer = new Performer(parts as unknown as PerformerParts);
  performer.now([PERSIST, ANSWER]);
  t.same(done, ['undone']);
  t.equal(await performer.all([PERSIST, ANSWER]), false);
  t.same(done, ['undone', 'undone']);
});

test('what fails ten times a second is said once in a while, with how often it was', (t) => {
  const said = new SaidBefore();
  const times = Array.from({ length: 201 }, (_, index) => said.mayBeSaid('persist REFUSED', index * 100));
  t.same(
    times.filter((time) => time !== undefined),
    [0, 99, 99],
  );
  t.equal(said.mayBeSaid('server-start REFUSED', 50), 0, 'another effect is another matter');
  t.end();
});

test('a file that takes nothing holds up no decision, and gets all of them once it does', async (t) => {
  const path = join(t.testdir(), 'decisions');
  execFileSync('mkfifo', [path]); // Whoever opens it waits for a reader.
  const decisions = new DecisionLog(7, createLogger('decisions', 'silent'), path);
  const { id: _id, at: _at, ...decision } = decisionOf('');
  for (let count = 0; count < 3; count += 1) decisions.add(decision);
  t.equal(decisions.last, '7-3');
  // Open for both, it does not end with its first writer, and nobody waits for what is not there yet.
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  t.teardown(() => closeSync(reader));
  let text = '';
  const lines = (): string[] => text.split('\n').slice(0, -1);
  const piece = Buffer.alloc(65_536);
  const read = async (): Promise<true | undefined> => {
    try {
      text += piece.toString('utf8', 0, readSync(reader, piece));
    } catch {
      return undefined; // Nothing is there yet.
    }
    return lines().length === 3 ? true : undefined;
  };
  await waitFor('the decisions', read, { deadlineMs: 5000, intervalMs: 10 });
  t.same(
    lines().map((line) => JSON.parse(line).id),
    ['7-1', '7-2', '7-3'],
  );
  const file = join(t.testdirName, 'plain');
  const plain = new DecisionLog(8, createLogger('decisions', 'silent'), file);
  plain.add(decision);
  await waitFor('the line', async () => (exists(file) ? true : undefined), {
    deadlineMs: 5000,
    intervalMs: 10,
  });
});

function exists(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').endsWith('\n');
  } catch {
    return false;
  }
}
