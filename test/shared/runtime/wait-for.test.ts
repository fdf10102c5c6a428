import { test } from 'tap';
import { waitFor } from '../../../shared/runtime/wait-for.ts';

test('answers what the probe answers once it is there', async (t) => {
  let calls = 0;
  const answer = await waitFor('the third call', () => (++calls === 3 ? 'here' : undefined), {
    deadlineMs: 10_000,
    intervalMs: 1,
  });
  t.equal(answer, 'here');
  t.equal(calls, 3);
});

test('gives up at the deadline and says what it waited for', async (t) => {
  const waiting = waitFor('nothing', () => undefined, { deadlineMs: 30, intervalMs: 10 });
  await t.rejects(waiting, {
    code: 'DEADLINE_EXCEEDED',
    message: 'Gave up waiting for nothing after 30 ms.',
  });
});

test('a probe that throws ends the wait', async (t) => {
  const failing = waitFor('x', () => Promise.reject(new Error('broken')), { deadlineMs: 10_000 });
  await t.rejects(failing, { message: 'broken' });
});

test('an abort ends the wait between probes', async (t) => {
  const controller = new AbortController();
  const waiting = waitFor(
    'x',
    () => {
      controller.abort();
      return undefined;
    },
    { deadlineMs: 60_000, intervalMs: 60_000, signal: controller.signal },
  );
  await t.rejects(waiting, { code: 'CANCELLED' });
});
