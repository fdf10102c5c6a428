/** Tells from ssh's exit code and words what went wrong, as a coded error with the command to try by hand. Pure. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HostCommand } from './host-commands.ts';
import type { SshTarget } from './ssh.ts';

export interface SshOutcome {
  /** ssh answers 255 for its own failures, else the code of the remote command; -1: it never started. */
  readonly code: number;
  readonly stderr: string;
}

/** First match wins. */
const SSH_FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed/i,
    'its host key is not known here: run the command below once and compare the fingerprint',
  ],
  [/Permission denied|Too many authentication failures/i, 'it lets nobody in with the keys that ssh offers'],
  [/Could not resolve hostname|Name or service not known/i, 'the name cannot be resolved'],
  [/Connection refused/i, 'no ssh server listens there'],
  [/timed out/i, 'nobody answers'],
  [/No route to host|Network is unreachable/i, 'there is no way to it'],
  [/ENOENT/, 'there is no ssh client on this machine: install openssh-client'],
];

/** What to type to see the same failure by hand. */
export function sshByHand(target: SshTarget): string {
  const file = target.configFile === null ? '' : `-F ${target.configFile} `;
  return `ssh ${file}${target.destination} true`;
}

export function explainSshFailure(target: SshTarget, command: HostCommand, outcome: SshOutcome): AppError {
  const words = outcome.stderr.trim();
  const data = { host: target.name, command, exitCode: outcome.code, words: words.slice(-2000) };
  if (outcome.code === 255 || outcome.code === -1) return explainConnection(target, words, data);
  if (/No space left on device/i.test(words))
    return new AppError(
      'DISK_FULL',
      `${target.name} has no space left for the agent (about 150 MB below /opt/hotpair): ${lastLine(words)}`,
      { data },
    );
  return new AppError(
    'COMMAND_FAILED',
    `"${command}" on ${target.name} failed with exit code ${outcome.code}: ${lastLine(words) || 'no words'}`,
    { data },
  );
}

function explainConnection(target: SshTarget, words: string, data: Record<string, unknown>): AppError {
  const byHand = sshByHand(target);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/i.test(words))
    return new AppError(
      'HOST_KEY_CHANGED',
      `${target.name} (${target.destination}) answers ssh with another key than before. If it was reinstalled, remove the old key with ssh-keygen -R; otherwise find out who answers. By hand: ${byHand}`,
      { data: { ...data, byHand } },
    );
  const known = SSH_FAULTS.find(([pattern]) => pattern.test(words));
  const why = known === undefined ? lastLine(words) || 'ssh ended without a word' : known[1];
  return new AppError('SSH_FAILED', `ssh to ${target.name} failed: ${why}. By hand: ${byHand}`, {
    data: { ...data, byHand },
  });
}

function lastLine(words: string): string {
  return words.split('\n').at(-1)?.trim() ?? '';
}
