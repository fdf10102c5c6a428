/** A host without a fence: what is left of it is the ACK path, which a majority counts on. */

import { test } from 'tap';
import { NoFence } from '../../../agent/guard/fence/no-fence.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';

const log = createLogger('fence', 'silent');
const up = { server: 'up' } as const;
const PEER = { peerAddress: '10.0.0.2', port: 3306 };

test('the ACK path counts as open until the IO thread was stopped', async (t) => {
  const done: unknown[] = [];
  const database = { facts: up, perform: async (effect: unknown) => void done.push(effect) };
  const fence = new NoFence({ ...PEER, database, log });
  t.equal(fence.ackPathOpen, true);
  await fence.ackPath(false);
  t.equal(fence.ackPathOpen, false);
  t.same(done, [{ kind: 'io-thread', on: false }]);
  await fence.ackPath(true);
  t.equal(fence.ackPathOpen, true);
  t.equal(done.length, 1, 'the table itself starts the thread');
});

test('an IO thread that does not stop leaves the ACK path open', async (t) => {
  const perform = async (): Promise<void> => {
    throw new AppError('DEADLINE_EXCEEDED', 'A statement had no answer.');
  };
  const fence = new NoFence({ ...PEER, database: { facts: up, perform }, log });
  await t.rejects(fence.ackPath(false), { code: 'DEADLINE_EXCEEDED' });
  t.equal(fence.ackPathOpen, true);
});

test('a server that is down confirms nothing', async (t) => {
  const perform = async (): Promise<void> => {
    throw new AppError('DATABASE_DOWN', 'The server does not answer.');
  };
  const fence = new NoFence({ ...PEER, database: { facts: { server: 'down' }, perform }, log });
  await fence.ackPath(false);
  t.equal(fence.ackPathOpen, false);
});
