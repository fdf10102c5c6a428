/**
 * Gives a copy of this server's data to the other host: mariadb-backup's stream over the agent's own door. Only while the
 * coordinator has offered it, and only to the host whose name the offer has; that host gets nothing else here.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../shared/errors/app-error.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { parseSeedOffer } from '../../shared/model/seed-offer.ts';
import type { Agent } from '../agent.ts';
import type { CallerOf } from '../rest.ts';

export const SEED_PATH = '/v1/seed';
/** Trailer that tells whether the stream is whole: `complete`, or why it is not. */
export const SEED_OUTCOME = 'x-hotpair-outcome';

const LAST_WORDS = 1000;

/** Whether the coordinator lets this host have a copy now. */
export function isOfferedTo(name: string, path: string = HOST_PATHS.seedOffer): boolean {
  try {
    const offer = parseSeedOffer(readFileSync(path, 'utf8'));
    return offer !== null && offer.to === name && Date.now() < offer.until;
  } catch {
    return false;
  }
}

export function addSeedRoute(app: FastifyInstance, agent: Agent, callerOf: CallerOf): void {
  let busy = false;
  app.get(SEED_PATH, async (request, reply) => {
    const caller = callerOf(request);
    if (!isOfferedTo(caller)) throw new AppError('REFUSED', `No copy is offered to ${caller}.`);
    if (busy) throw new AppError('REFUSED', 'A copy is on its way already: wait until it has ended.');
    busy = true;
    try {
      reply.hijack();
      await serve(agent, reply.raw, caller);
    } finally {
      busy = false;
    }
  });
}

async function serve(agent: Agent, answer: ServerResponse, caller: string): Promise<void> {
  const started = performance.now();
  const scratch = join(agent.config.state, 'seed-scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const outcome = await stream(backupArgv(scratch, agent.config.databaseSocket), answer);
  await rm(scratch, { recursive: true, force: true });
  agent.log.info({ caller, outcome }, 'a copy of the data was asked for');
  await agent.journal.append({
    ...{ time: Date.now(), caller, action: 'seed', mode: 'apply', params: {} },
    durationMs: Math.round(performance.now() - started),
    ...(outcome === 'complete' ? { outcome: 'ok' } : { outcome: 'failed', error: outcome }),
  });
}

/** In the second rank: the server goes on serving meanwhile. */
export function backupArgv(scratch: string, socket: string): readonly string[] {
  const options = ['--stream=xbstream', `--target-dir=${scratch}`, '--user=root', `--socket=${socket}`];
  return ['nice', '-n', '10', 'mariadb-backup', '--backup', ...options];
}

/** Answers `complete`, or why it is not. Whoever takes no more ends the program. */
function stream(argv: readonly string[], answer: ServerResponse): Promise<string> {
  return new Promise((resolve) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let words = '';
    answer.writeHead(200, { 'content-type': 'application/octet-stream', trailer: SEED_OUTCOME });
    answer.once('close', () => child.kill('SIGKILL'));
    child.stdout.pipe(answer, { end: false });
    child.stderr.on('data', (part: Buffer) => {
      words = `${words}${part.toString()}`.slice(-LAST_WORDS);
    });
    child.once('error', (error) => {
      words = error.message;
    });
    child.once('close', (code) => {
      const outcome = code === 0 ? 'complete' : `mariadb-backup ended with ${code}: ${words.trim()}`;
      answer.addTrailers({ [SEED_OUTCOME]: encodeURIComponent(outcome) });
      answer.end();
      resolve(outcome);
    });
  });
}
