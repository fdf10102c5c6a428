/**
 * Does the steps: observe, skip what is done, check the precondition, perform, and what was to be done must then hold.
 * Each host goes through its steps on its own and waits for the other one only where a step says so. The first
 * failure starts nothing more; what already runs ends by itself. To resume, run again.
 */

import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { resultOrThrow } from './action-result.ts';
import { type PairFacts, primaryIndex, refreshFacts, unhealthy } from './facts.ts';
import { type Ground, type Observation, perform, viewOf } from './observe.ts';
import { HOST_INDEXES, type HostIndex, isSatisfied, type Step, type StepCall } from './step.ts';
import { type AppliedChange, StepTrack, type TrackOptions } from './step-track.ts';

export interface RunOptions extends Ground, TrackOptions {
  readonly steps: readonly Step[];
}

export interface RunOutcome {
  readonly changes: readonly AppliedChange[];
  readonly facts: PairFacts;
}

/** How long a serving pair may take to be whole again between its standby and its primary. */
const HEALTHY_MS = 60_000;

/** `observations` are of the same steps and facts, just now. */
export async function runSteps(
  options: RunOptions,
  facts: PairFacts,
  observations: readonly Observation[],
): Promise<RunOutcome> {
  if (observations.every(({ done }) => done)) return { changes: [], facts };
  const run = new Run(options, facts, observations);
  await run.all();
  return { changes: run.changes, facts: await refreshFacts(options.ports, facts) };
}

class Run {
  readonly changes: AppliedChange[] = [];
  readonly #options: RunOptions;
  readonly #facts: PairFacts;
  readonly #observations: readonly Observation[];
  readonly #serving: HostIndex | null;
  readonly #ended = new Map<string, Promise<void>>();
  #failure: AppError | null = null;

  constructor(options: RunOptions, facts: PairFacts, observations: readonly Observation[]) {
    this.#options = options;
    this.#facts = facts;
    this.#observations = observations;
    this.#serving = primaryIndex(facts);
  }

  async all(): Promise<void> {
    for (const step of this.#options.steps) this.#begin(step);
    await Promise.all(this.#ended.values());
    if (this.#failure !== null) throw this.#failure;
  }

  /** Every step waits for what it requires, which comes before it in the list. */
  #begin(step: Step): void {
    const track = new StepTrack(step, this.#options);
    const hosts = this.#order(step);
    let before: Promise<void> = Promise.resolve();
    for (const host of hosts) {
      const turn = this.#inTurn(step) ? before : Promise.resolve();
      const required = this.#required(step, host);
      const own = Promise.all([turn, ...required]).then(() => this.#host(step, host, track));
      this.#ended.set(`${step.id} ${host}`, own);
      before = own;
    }
  }

  #inTurn(step: Step): boolean {
    return step.standbyFirst && this.#serving !== null;
  }

  #order(step: Step): readonly HostIndex[] {
    return this.#inTurn(step) && this.#serving === 0 ? [1, 0] : HOST_INDEXES;
  }

  #required(step: Step, host: HostIndex): Promise<void>[] {
    const hosts = step.joins ? HOST_INDEXES : [host];
    return step.requires.flatMap((id) =>
      hosts.map((index) => this.#ended.get(`${id} ${index}`) ?? Promise.resolve()),
    );
  }

  /** Never rejects: a failure is kept, and everything after it does nothing. */
  async #host(step: Step, host: HostIndex, track: StepTrack): Promise<void> {
    if (this.#failure !== null) return;
    try {
      const changes = this.#untouched(step, host) ? null : await this.#perform(step, host, track);
      this.changes.push(...(changes ?? []));
      track.ended(host, changes);
    } catch (thrown) {
      const error = toAppError(thrown);
      track.failed(host, error);
      this.#failure ??= error;
    }
  }

  /** Seen done at the beginning, and nothing was changed since that it depends on. */
  #untouched(step: Step, host: HostIndex): boolean {
    const seen = this.#observations.find((one) => one.step === step && one.host === host);
    return seen?.done === true && this.changes.length === 0;
  }

  async #perform(step: Step, host: HostIndex, track: StepTrack): Promise<AppliedChange[]> {
    const { ports, signal } = this.#options;
    track.started(host, this.#facts.pair.hosts[host].name);
    const facts = await refreshFacts(ports, this.#facts);
    const blocked = step.pre(facts, host);
    if (blocked !== null) throw new AppError('STEP_BLOCKED', `${step.title} cannot start: ${blocked}.`);
    const changes: AppliedChange[] = [];
    for (const call of step.calls(viewOf(this.#options, facts, host, 'apply'))) {
      signal?.throwIfAborted();
      changes.push(...(await this.#call(step, host, call, track)));
    }
    await this.#await(step.title, step.waitMs, (now) => step.missing(now, host), track, host);
    if (this.#inTurn(step) && changes.length > 0)
      await this.#await('the pair to be whole again', HEALTHY_MS, unhealthy, track, host);
    return changes;
  }

  async #call(step: Step, host: HostIndex, call: StepCall, track: StepTrack): Promise<AppliedChange[]> {
    const { ports, signal } = this.#options;
    const name = this.#facts.pair.hosts[host].name;
    const result = await perform(ports[host], call, 'apply', {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (message) => track.says(host, message),
    });
    resultOrThrow(name, result);
    if (!isSatisfied(call, result))
      throw new AppError(
        'NOT_CONVERGED',
        `${name}: ${call.action} ran, and ${step.title} is still not done.`,
      );
    return result.outcome === 'ok'
      ? []
      : result.changes.map((change) => ({ ...change, step: step.id, host: name }));
  }

  /** Polls the heartbeats until nothing is missing; what was missing last is in the error. */
  async #await(
    what: string,
    deadlineMs: number,
    missing: (facts: PairFacts) => string | null,
    track: StepTrack,
    host: HostIndex,
  ): Promise<void> {
    const end = performance.now() + deadlineMs;
    let facts = this.#facts;
    const last = await waitFor(
      what,
      async () => {
        if (this.#options.signal?.aborted) throw this.#options.signal.reason;
        facts = await refreshFacts(this.#options.ports, facts);
        const still = missing(facts);
        if (still === null) return '';
        track.says(host, still);
        return performance.now() >= end ? still : undefined;
      },
      { deadlineMs: deadlineMs + 10_000, intervalMs: 20 },
    );
    if (last !== '') throw new AppError('NOT_CONVERGED', `${what}: after ${deadlineMs / 1000} s ${last}.`);
  }
}
