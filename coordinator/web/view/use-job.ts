/** A job as a dialog follows it: begun, its progress as it comes, its end. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job, JobProgress } from '../../../shared/api/jobs.ts';
import { type ProblemWords, Refusal } from '../api/client.ts';
import type { Deed } from '../model/checks.ts';
import { session } from '../session.ts';
import { messages } from '../settings.ts';

export interface Followed {
  readonly job: Job | null;
  readonly progress: readonly JobProgress[];
  /** It could not be begun, or is not heard of any more. */
  readonly refusal: ProblemWords | null;
}

const NOTHING: Followed = { job: null, progress: [], refusal: null };

export function useJob(pair: string): {
  readonly followed: Followed;
  readonly begin: (deed: Deed, dryRun: boolean) => void;
} {
  const [followed, setFollowed] = useState(NOTHING);
  const current = useRef(new AbortController());
  useEffect(() => () => current.current.abort(), []);
  const begin = (deed: Deed, dryRun: boolean): void => {
    current.current.abort();
    const controller = new AbortController();
    current.current = controller;
    const tell = (change: (before: Followed) => Followed): void => {
      if (!controller.signal.aborted) setFollowed(change);
    };
    setFollowed(NOTHING);
    void run(pair, deed, dryRun, controller.signal, tell);
  };
  return { followed, begin };
}

/** Never rejects. */
async function run(
  pair: string,
  deed: Deed,
  dryRun: boolean,
  signal: AbortSignal,
  tell: (change: (before: Followed) => Followed) => void,
): Promise<void> {
  const client = session.peek()?.client;
  if (client === undefined) return;
  let id: string | null = null;
  try {
    const job = await client.begin(pair, deed, dryRun);
    id = job.id;
    tell((before) => ({ ...before, job }));
    const hear = (entry: JobProgress): void =>
      tell((before) => ({ ...before, progress: [...before.progress, entry] }));
    await client.follow(job.id, hear, signal);
    const ended = await client.job(job.id);
    tell((before) => ({ ...before, job: ended, progress: ended.progress }));
  } catch (error) {
    tell((before) => ({ ...before, refusal: refusalBy(error, id !== null) }));
  }
}

function refusalBy(error: unknown, begun: boolean): ProblemWords {
  if (error instanceof Refusal) return error.problem;
  return { detail: begun ? messages.peek().deeds.lost : String(error), code: '', remedy: '' };
}
