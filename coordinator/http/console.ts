/**
 * The web console at /: the files of dist/console, from memory. They are made of their sources first where these have
 * changed, beside the daemon, which serves everything else meanwhile; where that fails, the page says so, and so does the log.
 *
 * Invariants: a page of the console runs no script and no style but its own files; nothing here knows data of a pair.
 */

import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CONSOLE_FOLDER, isConsoleFresh } from '../../install/build-console.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';

interface File {
  readonly type: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}
/** By path below the folder. */
type Files = ReadonlyMap<string, File>;

const BUILD = fileURLToPath(new URL('../../install/build-console.ts', import.meta.url));
const BUILD_MS = 120_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const CONTENT_POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');
const IMMUTABLE = 'public, max-age=31536000, immutable';

export function addConsole(app: FastifyInstance, log: Logger): void {
  const files = prepare(log);
  app.get('/', async (request, reply) => await send(request, reply, await files, 'index.html'));
  app.get<{ Params: { '*': string } }>(
    '/console/*',
    async (request, reply) => await send(request, reply, await files, request.params['*']),
  );
}

/** Never rejects: no files where there is no console, which is in the log then. */
async function prepare(log: Logger): Promise<Files> {
  try {
    if (!(await isConsoleFresh())) await build();
  } catch (error) {
    log.warn(
      { err: error },
      'the console could not be made; one of earlier sources is served, if there is one',
    );
  }
  return await readFiles().catch(() => new Map());
}

/** In a process of its own, for what Vite needs of memory would stay with the daemon. */
async function build(): Promise<void> {
  await runCommand([execPath, BUILD], { timeoutMs: BUILD_MS });
}

async function readFiles(): Promise<Files> {
  const names = await readdir(CONSOLE_FOLDER, { recursive: true });
  const known = names.filter((name) => TYPES[extname(name)] !== undefined);
  const zip = promisify(gzip);
  return new Map(
    await Promise.all(
      known.map(async (name): Promise<[string, File]> => {
        const plain = await readFile(join(CONSOLE_FOLDER, name));
        return [name, { type: TYPES[extname(name)] ?? '', plain, zipped: await zip(plain) }];
      }),
    ),
  );
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  files: Files,
  name: string,
): Promise<FastifyReply> {
  const file = files.get(name);
  if (file === undefined && name !== 'index.html')
    throw new AppError('NOT_FOUND', `The console has no file ${name}.`);
  reply.header('content-security-policy', CONTENT_POLICY).header('vary', 'accept-encoding');
  if (file === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(MISSING);
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (zipped) reply.header('content-encoding', 'gzip');
  // The name of every file but the page has the hash of its content in it.
  reply.header('cache-control', name.startsWith('assets/') ? IMMUTABLE : 'no-cache');
  return reply.type(file.type).send(zipped ? file.zipped : file.plain);
}

const MISSING =
  'The console could not be made of its sources; the log of the daemon says why, and npm run build tries it again.\nEverything else of the daemon works: /v1/pairs, /docs, and every command of coordinator.\n';
