/** Asks a coordinator over REST, one request after the other, and tells how long each answer took. Its settings are its first message: they have a token. */

import { once } from 'node:events';
import { waitFor } from '../../shared/runtime/wait-for.ts';

export interface AskerSettings {
  readonly url: string;
  readonly token: string;
  readonly paths: readonly string[];
  readonly requests: number;
}

/** Milliseconds by path, in the order of the requests. */
export type AskerFigures = Readonly<Record<string, readonly number[]>>;

const READY_MS = 120_000;
/** The first answers are made by code that is not compiled yet. */
const WARM_UP = 20;

const { url, token, paths, requests } = (await once(process, 'message'))[0] as AskerSettings; // The bench's own.

async function timeOf(path: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  const ms = performance.now() - startedAt;
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return ms;
}

const isReady = (): Promise<true | undefined> =>
  timeOf('/v1/health').then(
    () => true,
    () => undefined,
  );
await waitFor('the coordinator', isReady, { deadlineMs: READY_MS, intervalMs: 200 });
const figures: Record<string, number[]> = {};
for (const path of paths) {
  for (let count = 0; count < WARM_UP; count += 1) await timeOf(path);
  const times: number[] = [];
  for (let count = 0; count < requests; count += 1) times.push(await timeOf(path));
  figures[path] = times;
}
process.send?.(figures satisfies AskerFigures);
process.disconnect?.();
