/** Gets systemd to run the agent as it is installed now, and waits until it listens. */

import { connect } from 'node:net';
import { AppError } from '../../shared/errors/app-error.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';

const UNIT = 'hotpair-agent.service';
const SYSTEMCTL_MS = 30_000;
const LISTEN_MS = 20_000;

export interface UnitNeeds {
  /** Unit files were written. */
  readonly reload: boolean;
  /** Files that the running agent has read before were written, or it was seen to be another build. */
  readonly restart: boolean;
}

/** What was done, in words; empty where the unit runs as it should. */
export async function ensureAgentUnit(needs: UnitNeeds): Promise<string[]> {
  const state = await showUnit();
  const done: string[] = [];
  if (state['UnitFileState'] !== 'enabled') {
    // It reads the unit files anew by itself.
    await systemctl('enable', UNIT);
    done.push(`${UNIT} enabled`);
  } else if (needs.reload || state['NeedDaemonReload'] === 'yes') await systemctl('daemon-reload');
  const active = state['ActiveState'] === 'active';
  if (active && !needs.restart && !needs.reload) return done;
  await systemctl('restart', UNIT);
  return [...done, `${UNIT} ${active ? 'restarted' : 'started'}`];
}

/** Throws COMMAND_FAILED with the agent's own words where it ends instead of listening. */
export async function waitUntilListening(address: string, port: number): Promise<void> {
  try {
    await waitFor(
      `the agent on ${address}:${port}`,
      async () => ((await accepts(address, port)) ? true : undefined),
      { deadlineMs: LISTEN_MS, intervalMs: 20 },
    );
  } catch (error) {
    const { stdout } = await runCommand(['journalctl', '-u', UNIT, '-n', '15', '-o', 'cat', '--no-pager'], {
      timeoutMs: 5000,
      check: false,
    });
    throw new AppError(
      'COMMAND_FAILED',
      `The agent does not listen on ${address}:${port} after ${LISTEN_MS / 1000} s. Its last words: ${stdout.trim() || 'none'}`,
      { cause: error },
    );
  }
}

async function showUnit(): Promise<Record<string, string>> {
  const properties = 'UnitFileState,ActiveState,NeedDaemonReload';
  const { stdout } = await systemctl('show', '--property', properties, UNIT);
  const lines = stdout.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function systemctl(...args: string[]) {
  return runCommand(['systemctl', ...args], { timeoutMs: SYSTEMCTL_MS });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1000, answer(false));
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}
