/** The one shape of every error: RFC 9457, with the code and the remedy of the registry. */

import { type Static, Type } from 'typebox';
import { strict } from './schema.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem: urn:hotpair:error:CODE.' }),
    title: Type.String({ description: 'What the code means.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, to what, and what to do.' }),
    code: Type.String({ description: 'A code of docs/errors.md.' }),
    remedy: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { ...strict, description: 'RFC 9457.' },
);
export type Problem = Static<typeof ProblemSchema>;
