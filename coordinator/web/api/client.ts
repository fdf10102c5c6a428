/** Requests to the daemon, with the token of this tab. What is refused comes as a Refusal with the daemon's own words. */

import type { Me } from '../../../shared/api/administration.ts';
import type { AlertView } from '../../../shared/api/alerts.ts';
import type {
  EventPage,
  OutageDetail,
  OutageView,
  RunDetail,
  RunPage,
  Samples,
} from '../../../shared/api/history.ts';
import type { Job, JobHead, JobProgress } from '../../../shared/api/jobs.ts';
import type { PairConfig } from '../../../shared/api/pair-config.ts';
import type { Problem } from '../../../shared/api/problem.ts';
import type { Deed } from '../model/checks.ts';
import { readSentEvents } from '../model/job-view.ts';

/** What of a problem is shown; code and remedy are empty when it is not the daemon's own. */
export type ProblemWords = Pick<Problem, 'detail' | 'code' | 'remedy'>;

export class Refusal extends Error {
  readonly status: number;
  readonly problem: ProblemWords;

  constructor(status: number, problem: ProblemWords) {
    super(problem.detail);
    this.status = status;
    this.problem = problem;
  }
}

const DEADLINE_MS = 15_000;

export interface Client {
  me(): Promise<Me>;
  events(pair: string | null, cursor: string | null): Promise<EventPage>;
  outages(pair: string): Promise<readonly OutageView[]>;
  outage(pair: string, outage: string): Promise<OutageDetail>;
  samples(pair: string, from: number, to: number, points: number): Promise<Samples>;
  runs(pair: string, cursor: string | null): Promise<RunPage>;
  run(id: string): Promise<RunDetail>;
  config(pair: string): Promise<PairConfig>;
  alerts(): Promise<readonly AlertView[]>;
  /** Takes an alert on, in the name of the token. */
  acknowledge(alert: number): Promise<void>;
  jobs(pair: string): Promise<readonly JobHead[]>;
  job(id: string): Promise<Job>;
  begin(pair: string, deed: Deed, dryRun: boolean): Promise<Job>;
  cancel(id: string): Promise<void>;
  /** Tells each entry of the progress until the job has ended, or the signal. */
  follow(id: string, tell: (entry: JobProgress) => void, signal: AbortSignal): Promise<void>;
}

export function createClient(token: string): Client {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const signal = init.signal ?? AbortSignal.timeout(DEADLINE_MS);
    const answer = await fetch(path, { ...init, headers, signal, cache: 'no-store' });
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  };
  // Each route's answer was checked by its schema where it was made.
  const get = async <T>(path: string): Promise<T> => (await (await ask(path)).json()) as T;
  const of = (pair: string): string => `/v1/pairs/${encodeURIComponent(pair)}`;
  return {
    me: () => get<Me>('/v1/me'),
    events: (pair, cursor) => {
      const query = `limit=50${cursor === null ? '' : `&cursor=${cursor}`}`;
      return get<EventPage>(`${pair === null ? '/v1' : of(pair)}/events?${query}`);
    },
    outages: async (pair) => (await get<{ outages: OutageView[] }>(`${of(pair)}/outages?limit=20`)).outages,
    outage: (pair, outage) => get<OutageDetail>(`${of(pair)}/outages/${outage}`),
    samples: (pair, from, to, points) =>
      get<Samples>(`${of(pair)}/samples?from=${from}&to=${to}&points=${points}`),
    runs: (pair, cursor) => {
      const from = cursor === null ? '' : `&cursor=${cursor}`;
      return get<RunPage>(`/v1/runs?limit=50&pair=${encodeURIComponent(pair)}${from}`);
    },
    run: (id) => get<RunDetail>(`/v1/runs/${id}`),
    config: (pair) => get<PairConfig>(`${of(pair)}/config`),
    alerts: async () => (await get<{ alerts: AlertView[] }>('/v1/alerts')).alerts,
    acknowledge: async (alert) => void (await ask(`/v1/alerts/${alert}/acknowledge`, { method: 'POST' })),
    jobs: async (pair) =>
      (await get<{ jobs: JobHead[] }>(`/v1/jobs?limit=10&pair=${encodeURIComponent(pair)}`)).jobs,
    job: (id) => get<Job>(`/v1/jobs/${id}`),
    begin: async (pair, { command, body }, dryRun) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const init = { method: 'POST', headers, body: JSON.stringify({ ...body, dryRun }) };
      return (await (await ask(`${of(pair)}/${command}`, init)).json()) as Job;
    },
    cancel: async (id) => void (await ask(`/v1/jobs/${id}`, { method: 'DELETE' })),
    follow: async (id, tell, signal) => {
      const { body } = await ask(`/v1/jobs/${id}/progress`, { signal });
      if (body !== null) await readProgress(body, tell);
    },
  };
}

async function readProgress(
  body: ReadableStream<Uint8Array>,
  tell: (entry: JobProgress) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, rest } = readSentEvents(text + value);
    text = rest;
    for (const { event, data } of events) {
      if (event === 'done') return await reader.cancel();
      if (event === 'progress') tell(JSON.parse(data) as JobProgress);
    }
  }
}

async function refusalOf(answer: Response): Promise<Refusal> {
  try {
    return new Refusal(answer.status, (await answer.json()) as Problem);
  } catch {
    return new Refusal(answer.status, {
      detail: `The daemon answered ${answer.status}.`,
      code: '',
      remedy: '',
    });
  }
}
