/** Commands as jobs: what each one takes, and how it is told what became of it. */

import { type Static, Type } from 'typebox';
import { ProblemSchema } from './problem.ts';
import { nullable, strict, Time } from './schema.ts';

const dryRun = Type.Optional(
  Type.Boolean({
    default: true,
    description: 'Only make the pre-checks and say what would be done. Give false to do it.',
  }),
);
const host = Type.String({ minLength: 1, maxLength: 31, description: 'Name of a host of the pair.' });

/** Bodies of POST /v1/pairs/:pair/COMMAND. */
export const COMMAND_BODIES = {
  plan: Type.Object({}, strict),
  deploy: Type.Object({ dryRun }, strict),
  verify: Type.Object({}, strict),
  switchover: Type.Object({ dryRun, to: Type.Optional(host) }, strict),
  drill: Type.Object({ dryRun }, strict),
  maintenance: Type.Object(
    {
      dryRun,
      host,
      on: Type.Boolean(),
      forMs: Type.Optional(
        Type.Integer({ minimum: 1000, maximum: 30 * 86_400_000, description: 'Ends by itself after it.' }),
      ),
      reason: Type.Optional(Type.String({ maxLength: 200 })),
    },
    strict,
  ),
  rejoin: Type.Object({ dryRun, host }, strict),
  reseed: Type.Object(
    {
      dryRun,
      host,
      confirm: Type.Optional(
        Type.String({ maxLength: 63, description: 'Name of the pair; nothing is replaced without it.' }),
      ),
    },
    strict,
  ),
  report: Type.Object(
    {
      dryRun,
      periodMs: Type.Optional(
        Type.Integer({ minimum: 60_000, maximum: 400 * 86_400_000, default: 86_400_000 }),
      ),
    },
    { ...strict, description: 'A dry run makes the report; otherwise it is delivered, too.' },
  ),
} as const;

export type CommandName = keyof typeof COMMAND_BODIES;
export type CommandBody<C extends CommandName> = Static<(typeof COMMAND_BODIES)[C]>;

export const JobStateSchema = Type.Union([
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('refused'),
  Type.Literal('cancelled'),
  Type.Literal('interrupted'),
]);
export type JobState = Static<typeof JobStateSchema>;

/** One thing that a job does: told when it begins, when it says what it does, and when it ends. */
export const ProgressSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'Grows by one with each entry of a job.' }),
    time: Time,
    task: nullable(Type.String({ description: 'Id of the task; null for a line of text.' })),
    parent: nullable(Type.String()),
    state: Type.Union([
      Type.Literal('started'),
      Type.Literal('updated'),
      Type.Literal('done'),
      Type.Literal('failed'),
      Type.Literal('line'),
    ]),
    text: Type.String({ description: 'Title at the start, then what is to be said.' }),
  },
  strict,
);
export type JobProgress = Static<typeof ProgressSchema>;

const jobHead = {
  id: Type.String(),
  command: Type.String(),
  pair: Type.String(),
  dryRun: Type.Boolean(),
  actor: Type.String({ description: 'Name of the token that asked for it.' }),
  state: JobStateSchema,
  created: Time,
  ended: nullable(Time),
};

export const JobHeadSchema = Type.Object(jobHead, strict);
export type JobHead = Static<typeof JobHeadSchema>;

export const JobSchema = Type.Object(
  {
    ...jobHead,
    question: nullable(Type.String({ description: 'What a dry run would have gone on with.' })),
    progress: Type.Array(ProgressSchema),
    result: Type.Unknown({ description: 'The same document as the command prints with --json.' }),
    problem: nullable(ProblemSchema),
  },
  strict,
);
export type Job = Static<typeof JobSchema>;

export const JobPageSchema = Type.Object(
  { jobs: Type.Array(JobHeadSchema, { description: 'Newest first.' }) },
  strict,
);
