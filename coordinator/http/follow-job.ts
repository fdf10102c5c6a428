/** The progress of a job as server-sent events: each entry once, and the job itself at the end. */

import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Jobs } from '../api/jobs.ts';
import { createAttempt } from '../store/attempt.ts';

/** A comment. */
const BREATH = ':\n\n';
/** Proxies close what is silent for longer. */
const BREATH_MS = 15_000;

export function followJob(jobs: Jobs, id: number, request: FastifyRequest): { type: string; body: Readable } {
  const last = Number(request.headers['last-event-id'] ?? 0);
  const job = jobs.get(id); // Throws before anything is sent, where there is none.
  const body = new Readable({ read: () => undefined });
  body.push(BREATH); // Who follows knows at once that it is heard.
  const send = (event: string, data: unknown, seq?: number): void => {
    body.push(`${seq === undefined ? '' : `id: ${seq}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const attempt = createAttempt(request.log, 'the end of a job could not be read');
  const done = (): void => {
    clearInterval(breath);
    // Without it the stream ends, and who follows asks again.
    attempt(() => send('done', jobs.get(id)));
    body.push(null);
  };
  const breath = setInterval(() => body.push(BREATH), BREATH_MS);
  for (const entry of job.progress) if (!(entry.seq <= last)) send('progress', entry, entry.seq);
  if (job.state !== 'running') done();
  else {
    const stop = jobs.follow(id, { progress: (entry) => send('progress', entry, entry.seq), done });
    body.once('close', () => {
      clearInterval(breath);
      stop();
    });
  }
  return { type: 'text/event-stream; charset=utf-8', body };
}
