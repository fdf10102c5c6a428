// Alerts over a real pair: a take-over, a standby that is lost, and what somebody is told of both.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import type { VotingState } from '../../shared/model/facts.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { deployPair, follow } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const PORT = 9009;
const PROBE = fileURLToPath(new URL('../support/hook-probe.ts', import.meta.url));
const ALERTS = `alerts:
  receivers: { hook: { format: webhook, url: "http://127.0.0.1:${PORT}/hook" } }
  rules: { solo: { for: 3s } }
`;

interface Status {
  readonly pairs: readonly {
    readonly hosts: readonly {
      readonly heartbeat: { readonly guard: { readonly voting: VotingState | null } | null } | null;
    }[];
  }[];
}

interface Told {
  readonly type: string;
  readonly data: {
    readonly rule: string;
    readonly title: string;
    readonly text: string;
    readonly command: string;
  };
}

/** A receiver in the operator's network; answers the first message of that kind. */
function startHook(lab: Lab) {
  const [file = '', ...rest] = [...lab.operatorArgv, process.execPath, PROBE, String(PORT)];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const wait = <T>(what: string, find: () => T | undefined): Promise<T> =>
    waitFor(what, find, { deadlineMs: 120_000, intervalMs: 50 });
  return {
    ready: () => wait('the receiver', () => lines[0]),
    /** What was told so far is no answer any more. */
    forget: () => void lines.splice(1),
    told: (type: string, rule: string): Promise<Told> =>
      wait(`${type} ${rule}`, () =>
        lines
          .slice(1)
          .map((line) => JSON.parse(line) as Told)
          .find((one) => one.type === type && one.data.rule === rule),
      ),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

test('alerts over a real pair', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  appendFileSync(coordinator.file, ALERTS);
  using hook = startHook(lab);
  await hook.ready();
  t.match(await coordinator.json('alert', 'test'), { code: 0 });
  await hook.told('alert.test', 'test');
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  await using following = follow(coordinator, '--json', 'events', '--follow');
  const role = await following.said(/"RoleChanged".*"to":"primary"/);
  const { host: first = '' } = JSON.parse(role) as { host?: string };
  const second = first === 'db1' ? 'db2' : 'db1';

  const inSync = async (): Promise<boolean> => {
    const { pairs } = (await coordinator.json('status')).document as Status;
    const votes = pairs[0]?.hosts.map(({ heartbeat }) => heartbeat?.guard?.voting) ?? [];
    return votes.every((vote) => vote?.mode === 'sync') && votes.some((vote) => vote?.promotable === true);
  };

  await t.test('a take-over is told with its cause, and its end when the pair is whole again', async (t) => {
    // Before that nobody takes over: the server starts again where it was.
    await waitFor('SYNC', async () => ((await inSync()) ? true : undefined), {
      deadlineMs: 60_000,
      intervalMs: 500,
    });
    await lab.host(first).exec(['pkill', '-9', 'mariadbd']);
    const { data } = await hook.told('alert.raised', 'failover');
    t.comment(data.text);
    t.match(data.title, `${second} took over from ${first}: its server stopped.`);
    const explained = await coordinator.run(...data.command.split(' ').slice(1));
    t.match(
      explained,
      { code: 0, stdout: /took over|takeover|take-over/i },
      'the command that is told answers',
    );
    t.match((await hook.told('alert.cleared', 'failover')).data.title, /in SYNC again/);
  });

  await t.test('a standby that is lost: SOLO, and back', async (t) => {
    const quiet = async (): Promise<true | undefined> => {
      const { document } = await coordinator.json('alert', 'list');
      return (document as { alerts: unknown[] }).alerts.length === 0 ? true : undefined;
    };
    await waitFor('every alert to be over', quiet, { deadlineMs: 60_000, intervalMs: 500 });
    hook.forget();
    await lab.host(first).powerLoss();
    const { data } = await hook.told('alert.raised', 'solo');
    t.comment(data.text);
    t.match(data, { title: `[CRITICAL] orders: The pair is in SOLO: new commits are on ${second} alone.` });
    t.match(await coordinator.json('alert', 'list'), {
      document: { pending: [], alerts: [{ rule: 'solo' }] },
    });
    await lab.host(first).boot();
    await hook.told('alert.cleared', 'solo');
  });
});
