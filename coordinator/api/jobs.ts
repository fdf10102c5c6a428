/**
 * Commands as jobs of the daemon.
 *
 * Invariants: a job is in the store before it begins, and so is its entry in the audit trail; of the jobs that change a
 * pair one runs at a time; the same key of the same caller is the same job, also after the daemon was started anew; a job
 * that its daemon did not survive is told as interrupted.
 */

import type { CommandBody, CommandName, Job, JobHead, JobProgress, JobState } from '../../shared/api/jobs.ts';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { type Cli, findPair } from '../cli/frame.ts';
import { toProblem } from '../http/problem.ts';
import type { JobOutcome, StoredJob } from '../store/jobs.ts';
import type { Store } from '../store/open-store.ts';
import { isDryRun, runJob } from './commands.ts';
import { createJobOutput, type JobEntry } from './job-output.ts';

export interface JobsOptions {
  readonly store: Store;
  readonly log: Logger;
  /** The file as it is now: what it says may have changed since the daemon began. */
  readonly loadSpec: () => Promise<HotpairSpec>;
  readonly configFile: string;
}

export interface JobRequest {
  readonly command: CommandName;
  readonly pair: string;
  readonly body: CommandBody<CommandName>;
  readonly actor: string;
  readonly key: string | null;
}

export interface JobListener {
  progress(entry: JobProgress): void;
  done(): void;
}

interface Running {
  readonly job: StoredJob;
  readonly controller: AbortController;
  readonly listeners: Set<JobListener>;
  readonly progress: JobProgress[];
  readonly done: Promise<void>;
  question: string | null;
}

const MOST_RUNNING = 20;
const MOST_ENTRIES = 2000;
const KEY = /^[!-~]{1,128}$/;
/** Ends a dry run where the doing would begin. */
const DRY_RUN_ENDS = new Error('a dry run ends here');

export class Jobs {
  readonly #options: JobsOptions;
  readonly #running = new Map<number, Running>();
  readonly #changed = new Set<(job: JobHead) => void>();

  constructor(options: JobsOptions) {
    this.#options = options;
    options.store.jobs.interrupt();
  }

  /** Throws PAIR_BUSY, REPLAYED_KEY, TOO_MANY_REQUESTS, INVALID_PARAMS. */
  start(request: JobRequest): { readonly job: Job; readonly replayed: boolean } {
    const { command, pair, actor, key } = request;
    const { store } = this.#options;
    const body = request.body ?? {};
    const dryRun = isDryRun(command, body);
    const text = JSON.stringify(body);
    const known = key === null ? null : this.#replayed(request, key, text);
    if (known !== null) return { job: this.get(known.id), replayed: true };
    this.#assertFree(pair, dryRun);
    const job = store.jobs.add({ command, pair, dryRun, actor, body: text, key });
    this.#audit(job, actor, dryRun ? 'dry-run' : 'accepted', body);
    this.#begin(job, body);
    return { job: this.get(job.id), replayed: false };
  }

  /** Throws NOT_FOUND. */
  get(id: number): Job {
    const job = this.#options.store.jobs.get(id);
    if (job === null) throw new AppError('NOT_FOUND', `There is no job ${id}.`);
    const running = this.#running.get(id);
    const { question = null, progress = [] } = job.outcome ?? running ?? {};
    const { result = null, problem = null } = job.outcome ?? {};
    return { ...headOf(job), question, progress: [...progress], result, problem };
  }

  /** Newest first. */
  list(limit: number, pair?: string): JobHead[] {
    return this.#options.store.jobs.list(limit, pair).map(headOf);
  }

  /** Asks it to stop, as Ctrl-C does: what it has begun it brings to a safe end. */
  cancel(id: number, actor: string): Job {
    const job = this.get(id);
    const running = this.#running.get(id);
    if (running === undefined)
      throw new AppError('REFUSED', `The job ${id} has ended already: ${job.state}.`);
    this.#audit(running.job, actor, 'cancelled', {});
    running.controller.abort(new AppError('CANCELLED', `${actor} cancelled the job.`));
    return job;
  }

  /** Only of a job that runs. Returns a function that removes the listener. */
  follow(id: number, listener: JobListener): () => void {
    const running = this.#running.get(id);
    running?.listeners.add(listener);
    return () => running?.listeners.delete(listener);
  }

  /** Told when a job begins and when it ends. */
  listen(listener: (job: JobHead) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Asks every job to stop, and waits for their safe ends. */
  async stop(): Promise<void> {
    for (const { controller } of this.#running.values())
      controller.abort(new AppError('CANCELLED', 'The daemon stops.'));
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #replayed({ actor, command, pair }: JobRequest, key: string, body: string): StoredJob | null {
    if (!KEY.test(key))
      throw new AppError('INVALID_PARAMS', 'Idempotency-Key: 1 to 128 visible characters are a key.');
    const known = this.#options.store.jobs.byKey(actor, key);
    if (known === null) return null;
    if (known.command === command && known.pair === pair && known.body === body) return known;
    throw new AppError(
      'REPLAYED_KEY',
      `The Idempotency-Key was used for the job ${known.id} already (${known.command} of ${known.pair}), which asked for something else.`,
    );
  }

  #assertFree(pair: string, dryRun: boolean): void {
    const running = [...this.#running.values()].map(({ job }) => job);
    if (running.length >= MOST_RUNNING)
      throw new AppError('TOO_MANY_REQUESTS', `${running.length} jobs are running; wait for one to end.`);
    const busy = running.find((job) => job.pair === pair && !job.dryRun);
    if (busy !== undefined && !dryRun)
      throw new AppError(
        'PAIR_BUSY',
        `The job ${busy.id} (${busy.command}, for ${busy.actor}) is at work on ${pair}; wait until it has ended.`,
        { data: { job: String(busy.id) } },
      );
  }

  #begin(job: StoredJob, body: CommandBody<CommandName>): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const running: Running = {
      ...{ job, controller: new AbortController(), listeners: new Set(), progress: [] },
      ...{ done: promise, question: null },
    };
    this.#running.set(job.id, running);
    for (const changed of this.#changed) changed(headOf(job));
    void this.#run(running, body).finally(resolve);
  }

  /** Never rejects. */
  async #run(running: Running, body: CommandBody<CommandName>): Promise<void> {
    const { job, controller } = running;
    const { output, document } = createJobOutput((entry) => say(running, entry));
    const { loadSpec, configFile } = this.#options;
    const approve = (what: string): void => {
      running.question = what;
      if (job.dryRun) throw DRY_RUN_ENDS;
    };
    const cli: Cli = {
      ...{ output, signal: controller.signal, configFile, loadSpec, pair: findPair, approve },
      command: job.command,
    };
    let thrown: unknown = null;
    try {
      await runJob(job.command as CommandName, cli, job.pair, body);
    } catch (error) {
      if (error !== DRY_RUN_ENDS) thrown = error;
    }
    this.#end(running, document() ?? null, thrown);
  }

  #end(running: Running, result: unknown, thrown: unknown): void {
    const { job, controller, question, progress } = running;
    const { store, log } = this.#options;
    const state = thrown === null ? 'succeeded' : stateOf(thrown, controller.signal);
    const problem = thrown === null ? null : toProblem(thrown);
    if (problem?.code === 'INTERNAL') log.error({ err: thrown, job: job.id }, 'a job failed');
    const outcome: JobOutcome = { question, progress, result, problem };
    try {
      store.jobs.end(job.id, state, outcome);
      this.#audit(job, job.actor, state, problem === null ? {} : { code: problem.code });
    } catch (error) {
      log.error({ err: error, job: job.id }, 'the end of a job could not be stored');
    }
    this.#running.delete(job.id);
    for (const listener of running.listeners) listener.done();
    for (const changed of this.#changed) changed({ ...headOf(job), state, ended: Date.now() });
  }

  #audit({ id, command, pair }: StoredJob, actor: string, outcome: string, data: object): void {
    const about = { action: command, target: pair, outcome, data: { job: String(id), ...data } };
    this.#options.store.audit.append({ actor, source: 'rest', ...about });
  }
}

function say(running: Running, entry: JobEntry): void {
  if (running.progress.length >= MOST_ENTRIES && entry.state === 'updated') return;
  const full = { seq: running.progress.length + 1, time: Date.now(), ...entry };
  running.progress.push(full);
  for (const listener of running.listeners) listener.progress(full);
}

function stateOf(thrown: unknown, signal: AbortSignal): JobState {
  const { code } = toAppError(thrown);
  if (signal.aborted) return 'cancelled';
  return ['REFUSED', 'PAIR_BUSY', 'PAIR_UNHEALTHY', 'PREFLIGHT_FAILED'].includes(code) ? 'refused' : 'failed';
}

function headOf(job: StoredJob): JobHead {
  const { command, pair, dryRun, actor, state, created, ended } = job;
  return { id: String(job.id), command, pair, dryRun, actor, state, created, ended };
}
