/** Locks, deadlines, replays, the journal and convergence: what holds for every action. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { defineAction } from '../../agent/actions/action.ts';
import { converge } from '../../agent/converge.ts';
import type { Host } from '../../agent/host/host.ts';
import { Sql } from '../../agent/host/sql.ts';
import { Journal } from '../../agent/journal.ts';
import { Locks } from '../../agent/locks.ts';
import { apt } from '../../agent/platform/apt.ts';
import { systemd } from '../../agent/platform/systemd.ts';
import { redactParams } from '../../agent/redact.ts';
import { canonicalJson, ReplayMemory } from '../../agent/replay-memory.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { completeAgentConfig } from '../../shared/model/agent-config.ts';
import type { Address } from '../../shared/model/facts.ts';
import type { JournalEntry } from '../../shared/protocol/methods.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { runAgentHere } from '../support/run-agent.ts';

const HOST: Host = {
  config: completeAgentConfig({ host: 'db1', listen: { address: '127.0.0.1' } }),
  platform: { packages: apt, services: systemd },
  sql: new Sql('/nonexistent'),
  signal: new AbortController().signal,
  progress: () => undefined,
  run: runCommand,
};

test('one holder at a time, in order, and nobody waits for each other', async (t) => {
  const locks = new Locks();
  const order: string[] = [];
  const gates = { release: Promise.withResolvers<void>(), started: Promise.withResolvers<void>() };
  const waits: string[] = [];
  const onWait = (resource: string, holder: string) => waits.push(`${resource} ${holder}`);
  const first = locks.withLocks(['x', 'y'], 'first', async () => {
    order.push('first');
    gates.started.resolve();
    await gates.release.promise;
  });
  await gates.started.promise;
  const second = locks.withLocks(['y', 'x', 'x'], 'second', async () => void order.push('second'), {
    onWait,
  });
  const third = locks.withLocks(['x'], 'third', async () => void order.push('third'), { onWait });
  const other = locks.withLocks(['z'], 'other', async () => void order.push('other'));
  await other;
  t.same(order, ['first', 'other']);
  t.same(waits, ['x first', 'x first']);
  gates.release.resolve();
  await Promise.all([first, second, third]);
  t.same(order, ['first', 'other', 'second', 'third']);
});

test('waiting for a lock ends with the caller, failing releases it', async (t) => {
  const locks = new Locks();
  await t.rejects(
    locks.withLocks(['x'], 'failing', async () => {
      throw new Error('no');
    }),
  );
  const gate = Promise.withResolvers<void>();
  const holder = locks.withLocks(['x'], 'holder', () => gate.promise);
  const controller = new AbortController();
  const waiting = locks.withLocks(['x'], 'waiting', async () => undefined, { signal: controller.signal });
  controller.abort();
  await t.rejects(waiting, { code: 'CANCELLED', message: /holder held x/ });
  gate.resolve();
  await holder;
  await locks.withLocks(['x'], 'last', async () => t.pass('free again'));
});

test('a key replays the first answer; answers that are not kept run again', async (t) => {
  const memory = new ReplayMemory<number>(2);
  let runs = 0;
  const once = (key: string, request: unknown, keep = true) =>
    memory.once(
      key,
      request,
      async () => {
        runs += 1;
        return runs;
      },
      () => keep,
    );
  t.same(await Promise.all([once('a', { x: 1, y: 2 }), once('a', { y: 2, x: 1 })]), [1, 1]);
  await t.rejects(once('a', { x: 2 }), { code: 'REPLAYED_KEY' });
  t.equal(await once('b', {}, false), 2);
  t.equal(await once('b', {}), 3);
  await once('c', {});
  t.equal(await once('a', { x: 2 }), 5, 'the oldest is forgotten');
  t.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
});

test('what is still planned after it was applied is an error', async (t) => {
  let applied = 0;
  const action = defineAction<'address-read', readonly Address[]>({
    resources: () => [],
    check: async () => [],
    plan: () => [{ subject: 'it', summary: 'never settles' }],
    apply: async () => {
      applied += 1;
    },
    facts: (addresses) => ({ addresses }),
  });
  t.match(await converge(action, HOST, 'plan', {}), { outcome: 'planned' });
  t.equal(applied, 0);
  await t.rejects(converge(action, HOST, 'apply', {}), { code: 'NOT_CONVERGED', message: /never settles/ });
  t.equal(applied, 1);
});

test('a deadline, a cancelled call and a fault are outcomes and are in the journal', async (t) => {
  await using running = await runAgentHere();
  const { executor, journal } = running.agent;
  const context = { caller: 'test', signal: new AbortController().signal, progress: () => undefined };
  const cancelled = AbortSignal.abort(new AppError('CANCELLED', 'Given up.'));
  t.match(
    await executor.run({ name: 'host-read', mode: 'plan', params: {} }, { ...context, signal: cancelled }),
    {
      outcome: 'failed',
      error: { code: 'CANCELLED' },
    },
  );
  const late = { name: 'verify-row-read', mode: 'plan', params: { token: 'a', timeoutMs: 0 } } as const;
  t.match(await executor.run(late, context), { outcome: 'failed', error: { code: 'DATABASE_DOWN' } });
  await t.rejects(executor.run({ name: 'nothing', mode: 'plan', params: {} }, context), {
    code: 'METHOD_NOT_FOUND',
  });
  t.match(await journal.read(10), [
    { action: 'host-read', outcome: 'failed', error: /^CANCELLED/ },
    { action: 'verify-row-read', outcome: 'failed', error: /^DATABASE_DOWN/ },
  ]);
});

test('the journal turns over at its limit and reads over both files and half a line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'sub/journal.jsonl');
  const journal = new Journal(path, { maxBytes: 1000 });
  const entry = (time: number): JournalEntry => ({
    time,
    caller: 'test',
    action: 'host-read',
    mode: 'plan',
    outcome: 'ok',
    durationMs: 1,
    params: {},
  });
  await Promise.all(Array.from({ length: 20 }, (_, index) => journal.append(entry(index))));
  const times = (await journal.read(8)).map((line) => line.time);
  t.same(times, [12, 13, 14, 15, 16, 17, 18, 19]);
  t.ok((await readFile(path)).length <= 1000);
  await writeFile(path, `${JSON.stringify(entry(99))}\n{"time":1,"cal`);
  t.same(
    (await journal.read(1)).map((line) => line.time),
    [99],
  );
  const errors: unknown[] = [];
  const broken = new Journal(`${path}/not-a-folder/x`, { onError: (error) => errors.push(error) });
  await broken.append(entry(1));
  t.equal(errors.length, 1, 'a journal that cannot be written stops no action');
});

test('secrets leave parameters at any depth, the shape stays', async (t) => {
  t.same(
    redactParams({
      source: { host: 'h', password: 'p' },
      list: [{ password: 'q' }],
      secret: true,
      content: 'c',
    }),
    {
      source: { host: 'h', password: '[redacted]' },
      list: [{ password: '[redacted]' }],
      secret: true,
      content: '[redacted]',
    },
  );
  t.match(redactParams({ content: 'abc' }), { content: /^\[3 bytes, sha256 [0-9a-f]{16}\]$/ });
});
