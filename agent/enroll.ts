/**
 * `agent.cjs enroll`: makes this host one of a coordinator's. The coordinator runs it over ssh and talks with it in JSON
 * lines (shared/protocol/enrolment.ts). Keys are made here and stay here. Run again with the same request it changes
 * nothing and says so; ended at any point, running it again finishes.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AppError, toAppError } from '../shared/errors/app-error.ts';
import { pairBusy, parseClaims } from '../shared/model/claim.ts';
import { HOST_PATHS } from '../shared/model/paths.ts';
import { decode } from '../shared/protocol/decode.ts';
import {
  databaseName,
  type EnrolCertificates,
  type EnrolCommand,
  EnrolCommandSchema,
  type EnrolReply,
  type EnrolRequest,
  MAX_ENROL_LINE,
} from '../shared/protocol/enrolment.ts';
import { BUILD_VERSION } from '../shared/protocol/version.ts';
import { readJsonLines } from '../shared/runtime/json-lines.ts';
import { ensureAgentUnit, waitUntilListening } from './enrolment/agent-unit.ts';
import { needsCertificates, readIdentity, trustedAuthorities } from './enrolment/identity.ts';
import { ensureFolders, writeCertificates, writeConfiguration, writeUnits } from './enrolment/write-files.ts';

/** Answers the exit code: 0 enrolled, 1 failed (the last line says why). */
export async function runEnroll(
  input: Readable = process.stdin,
  output: Writable = process.stdout,
): Promise<number> {
  const say = (reply: EnrolReply): void => void output.write(`${JSON.stringify(reply)}\n`);
  try {
    const commands = readJsonLines(input, MAX_ENROL_LINE);
    const request = await next(commands, 'enrol');
    const changed = await enrol(request, say, () => next(commands, 'certificates'));
    say({ type: 'ready', changed });
    return 0;
  } catch (thrown) {
    const { code, message, data } = toAppError(thrown);
    say({ type: 'failed', code, message, data });
    return 1;
  } finally {
    input.destroy();
  }
}

async function enrol(
  request: EnrolRequest,
  say: (reply: EnrolReply) => void,
  certificates: () => Promise<EnrolCertificates>,
): Promise<string[]> {
  if (request.version !== BUILD_VERSION)
    throw new AppError(
      'AGENT_VERSION',
      `The agent in ${HOST_PATHS.current} is ${BUILD_VERSION}, not ${request.version}: another installation is at work on this host.`,
    );
  await refuseWhileClaimed();
  const changed: string[] = [];
  const identity = await readIdentity();
  const issue = needsCertificates(identity, request);
  await ensureFolders();
  if (issue) changed.push(...(await renew(request, say, certificates)));
  changed.push(...(await writeConfiguration(request, trustedAuthorities(identity, request, issue))));
  const units = await writeUnits(dirname(HOST_PATHS.bundle));
  const restart = request.restart || changed.length > 0;
  if (restart || units.length > 0) say({ type: 'progress', message: 'starting the agent' });
  const done = await ensureAgentUnit({ reload: units.length > 0, restart });
  await waitUntilListening(request.address, request.port);
  return [...changed, ...units, ...done];
}

/** The agent would be replaced under a change of the pair that it is doing for somebody. */
async function refuseWhileClaimed(): Promise<void> {
  const text = await readFile(HOST_PATHS.claims, 'utf8').catch(() => '');
  const claim = parseClaims(text.split('\n')).find(({ pid }) => existsSync(`/proc/${pid}`));
  if (claim !== undefined) throw pairBusy(claim);
}

async function renew(
  request: EnrolRequest,
  say: (reply: EnrolReply) => void,
  certificates: () => Promise<EnrolCertificates>,
): Promise<string[]> {
  // The X.509 library is loaded only where certificates are issued.
  const { makeKeyAndRequest } = await import('./enrolment/make-request.ts');
  say({ type: 'progress', message: "making the host's keys" });
  const agent = await makeKeyAndRequest(request.host);
  const database = await makeKeyAndRequest(databaseName(request.host));
  say({ type: 'requests', agent: agent.request, database: database.request });
  return writeCertificates({ agent: agent.key, database: database.key }, await certificates());
}

async function next<T extends EnrolCommand['type']>(
  commands: AsyncGenerator<unknown>,
  type: T,
): Promise<Extract<EnrolCommand, { type: T }>> {
  const line = await commands.next();
  if (line.done === true)
    throw new AppError('CONNECTION_LOST', `The coordinator went away before it sent "${type}".`);
  const command = decode(EnrolCommandSchema, line.value, 'enrolment', 'MALFORMED_FRAME');
  if (isOf(command, type)) return command;
  throw new AppError('MALFORMED_FRAME', `The coordinator sent "${command.type}" instead of "${type}".`);
}

function isOf<T extends EnrolCommand['type']>(
  command: EnrolCommand,
  type: T,
): command is Extract<EnrolCommand, { type: T }> {
  return command.type === type;
}
