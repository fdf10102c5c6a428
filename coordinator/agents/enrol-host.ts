/** The coordinator's half of an enrolment: talks with `agent.cjs enroll` on the host and signs what it asks for. */

import { AppError, fromSerialized } from '../../shared/errors/app-error.ts';
import type { HostSpec } from '../../shared/model/pair-spec.ts';
import { decode } from '../../shared/protocol/decode.ts';
import {
  type EnrolCommand,
  EnrolReplySchema,
  type EnrolRequest,
  MAX_ENROL_LINE,
} from '../../shared/protocol/enrolment.ts';
import { readJsonLines } from '../../shared/runtime/json-lines.ts';
import type { Pki } from './pki.ts';
import type { SshConnection } from './ssh.ts';

export interface EnrolOptions {
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
}

const ENROL_MS = 60_000;

/** Answers what was changed on the host; empty = nothing. Throws what the host says, or ssh's error. */
export async function enrolHost(
  ssh: SshConnection,
  host: HostSpec,
  pki: Pki,
  request: Omit<EnrolRequest, 'type'>,
  options: EnrolOptions,
): Promise<readonly string[]> {
  const { signal } = options;
  const remote = ssh.start('enrol', { timeoutMs: ENROL_MS, ...(signal === undefined ? {} : { signal }) });
  const send = (command: EnrolCommand): void => void remote.stdin.write(`${JSON.stringify(command)}\n`);
  send({ type: 'enrol', ...request });
  try {
    for await (const line of readJsonLines(remote.stdout, MAX_ENROL_LINE)) {
      const reply = decode(EnrolReplySchema, line, `enrolment of ${host.name}`, 'MALFORMED_FRAME');
      if (reply.type === 'ready') return reply.changed;
      if (reply.type === 'failed') throw fromSerialized(reply);
      if (reply.type === 'progress') options.onProgress(reply.message);
      else
        send({
          type: 'certificates',
          agent: await pki.issueHostCertificate(reply.agent, host, 'agent'),
          database: await pki.issueHostCertificate(reply.database, host, 'database'),
        });
    }
  } finally {
    remote.stdin.end();
  }
  // The conversation ended without an answer: ssh's own error says why.
  await remote.ended;
  throw new AppError('SSH_FAILED', `The enrolment of ${host.name} ended without an answer.`, {
    data: { host: host.name },
  });
}
