/** Receives a copy from the agent of the other host and unpacks it as it comes, into a new folder. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import type { Host } from '../host/host.ts';
import { SEED_OUTCOME, SEED_PATH } from './serve-seed.ts';

type Source = ActionParams<'seed-fetch'>['from'];

const PROGRESS_MS = 500;
/** Without a byte for so long the other host is gone. */
const SILENCE_MS = 120_000;
const MB = 1_000_000;

/** Throws with the other host's own words where the copy did not come to its end. */
export async function receiveSeed(host: Host, from: Source, bytes: number, folder: string): Promise<void> {
  const answer = await ask(host, from);
  const child = spawn('mbstream', ['-x', '-C', folder], {
    stdio: ['pipe', 'ignore', 'pipe'],
    signal: host.signal,
    killSignal: 'SIGKILL',
  });
  let words = '';
  child.stderr.on('data', (part: Buffer) => {
    words = `${words}${part.toString()}`.slice(-2000);
  });
  child.once('error', (error) => {
    words = error.message;
  });
  const ended = once(child, 'close').then(([code]) => Number(code ?? -1));
  const failure = await pipeline(answer, counted(host, bytes), child.stdin, { signal: host.signal }).catch(
    (error: unknown) => error,
  );
  const code = await ended.catch(() => -1);
  host.signal.throwIfAborted();
  const told = decodeURIComponent(String(answer.trailers[SEED_OUTCOME] ?? ''));
  if (failure === undefined && code === 0 && told === 'complete') return;
  const why =
    told !== '' && told !== 'complete' ? told : words.trim() || String(failure ?? 'it ended too early');
  throw new AppError('COMMAND_FAILED', `The copy from ${from.name} did not come to its end: ${why}`, {
    cause: failure,
  });
}

async function ask(host: Host, from: Source): Promise<IncomingMessage> {
  const { tls } = host.config;
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.cert, tls.key].map((path) => readFile(path, 'utf8')),
  );
  const call = request({
    ...{ host: from.address, port: from.port, path: SEED_PATH, method: 'GET', agent: false },
    ...{ ca, cert, key, minVersion: 'TLSv1.3', signal: host.signal, timeout: SILENCE_MS },
  });
  call.on('timeout', () => call.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
  call.end();
  try {
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    call.on('error', () => undefined); // From here on the answer tells.
    const name = (answer.socket as TLSSocket).getPeerCertificate().subject?.CN;
    if (name !== from.name) throw new Error(`the certificate there is of ${String(name)}`);
    if (answer.statusCode === 200) return answer;
    const text = await answer.setEncoding('utf8').reduce((all: string, part: string) => all + part, '');
    throw new Error(`it answered ${answer.statusCode}: ${text.slice(0, 500)}`);
  } catch (error) {
    call.destroy();
    host.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'AGENT_UNREACHABLE',
      `The agent of ${from.name} at ${from.address}:${from.port} gives no copy: ${why}. Its port must be open to this host.`,
      { cause: error },
    );
  }
}

function counted(host: Host, bytes: number): Transform {
  let received = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      received += part.length;
      const now = performance.now();
      if (now - toldAt > PROGRESS_MS) {
        toldAt = now;
        host.progress(`received ${Math.round(received / MB)} of about ${Math.round(bytes / MB)} MB`);
      }
      done(null, part);
    },
  });
}
