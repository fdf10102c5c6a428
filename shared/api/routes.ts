/**
 * The table of routes of the coordinator: method, path, who may, what it takes and what it answers. The daemon's routes,
 * the OpenAPI document, docs/api.md and the test of the roles come from it.
 */

import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { AuditPageSchema, AuditVerdictSchema, HealthSchema, MeSchema } from './administration.ts';
import { AlertListSchema, AlertViewSchema } from './alerts.ts';
import {
  EventPageSchema,
  OutageDetailSchema,
  OutagesSchema,
  ReportListSchema,
  RunDetailSchema,
  RunPageSchema,
  SamplesSchema,
} from './history.ts';
import { COMMAND_BODIES, JobPageSchema, JobSchema } from './jobs.ts';
import { PairConfigSchema } from './pair-config.ts';
import { PairDetailSchema, PairSummarySchema } from './pair-view.ts';
import { type Role, strict } from './schema.ts';

export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parameters as :name. */
  readonly path: string;
  /** Least role; `anyone`: no token is needed. */
  readonly role: Role | 'anyone';
  readonly summary: string;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  /** Status of the good answer; 200 when absent. */
  readonly status?: 202;
  /** Media type of the answer where it is not JSON; it has no schema then. */
  readonly produces?: string;
  readonly result: TSchema;
}

const Name = Type.String({ minLength: 1, maxLength: 31 });
const Id = Type.String({ pattern: '^[0-9]{1,15}$' });
const OfPair = Type.Object({ pair: Name }, strict);
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 }));
const Cursor = Type.Optional(
  Type.String({ pattern: '^[0-9]{1,15}$', description: '"next" of the page before.' }),
);
const Instant = Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'Milliseconds since the epoch.' });
const Raw = Type.String();

const eventQuery = Type.Object(
  {
    kind: Type.Optional(
      Type.String({ maxLength: 1000, description: 'Only these kinds, separated by commas.' }),
    ),
    since: Type.Optional(Instant),
    limit: Limit,
    cursor: Cursor,
  },
  strict,
);

export const ROUTES = {
  health: {
    ...{ method: 'GET', path: '/v1/health', role: 'anyone', result: HealthSchema },
    summary: 'The daemon answers.',
  },
  openapi: {
    ...{ method: 'GET', path: '/v1/openapi.json', role: 'anyone' },
    result: Type.Record(Type.String(), Type.Unknown()),
    summary: 'This interface as an OpenAPI 3.1 document.',
  },
  me: {
    ...{ method: 'GET', path: '/v1/me', role: 'viewer', result: MeSchema },
    summary: 'Whose token it is, and what it may do.',
  },
  pairs: {
    ...{ method: 'GET', path: '/v1/pairs', role: 'viewer' },
    result: Type.Array(PairSummarySchema),
    summary: 'All pairs, worst first.',
  },
  pair: {
    ...{ method: 'GET', path: '/v1/pairs/:pair', role: 'viewer', params: OfPair, result: PairDetailSchema },
    summary: 'Everything that is known of a pair now.',
  },
  pairEvents: {
    ...{ method: 'GET', path: '/v1/pairs/:pair/events', role: 'viewer', params: OfPair, query: eventQuery },
    result: EventPageSchema,
    summary: 'The events of a pair, newest first, page by page.',
  },
  events: {
    ...{ method: 'GET', path: '/v1/events', role: 'viewer', query: eventQuery, result: EventPageSchema },
    summary: 'The events of all pairs and of the coordinator, newest first, page by page.',
  },
  outages: {
    ...{ method: 'GET', path: '/v1/pairs/:pair/outages', role: 'viewer', params: OfPair },
    query: Type.Object({ since: Type.Optional(Instant), limit: Limit }, strict),
    result: OutagesSchema,
    summary: 'Times without the VIP, newest first: of the last 30 days, or since the given time.',
  },
  outage: {
    ...{ method: 'GET', path: '/v1/pairs/:pair/outages/:event', role: 'viewer' },
    params: Type.Object({ pair: Name, event: Id }, strict),
    result: OutageDetailSchema,
    summary: 'One outage step by step: what was seen and decided, by whom, and why.',
  },
  samples: {
    ...{ method: 'GET', path: '/v1/pairs/:pair/samples', role: 'viewer', params: OfPair },
    query: Type.Object(
      {
        from: Type.Optional(Instant),
        to: Type.Optional(Instant),
        points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000, default: 300 })),
      },
      { ...strict, description: 'The last hour, when nothing is given.' },
    ),
    result: SamplesSchema,
    summary: 'Measurements for plots, in at most so many points.',
  },
  config: {
    ...{ method: 'GET', path: '/v1/pairs/:pair/config', role: 'viewer', params: OfPair },
    result: PairConfigSchema,
    summary: 'How the pair is meant to be, its last deploy, and what differs on its hosts.',
  },
  reports: {
    ...{ method: 'GET', path: '/v1/reports', role: 'viewer', result: ReportListSchema },
    summary: 'The health reports that are kept.',
  },
  report: {
    ...{ method: 'GET', path: '/v1/reports/:name', role: 'viewer' },
    params: Type.Object({ name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,200}$' }) }, strict),
    query: Type.Object(
      {
        format: Type.Optional(
          Type.Union([Type.Literal('json'), Type.Literal('html'), Type.Literal('text')], { default: 'json' }),
        ),
      },
      strict,
    ),
    ...{ produces: 'application/json, text/html or text/plain', result: Raw },
    summary: 'One health report.',
  },
  runs: {
    ...{ method: 'GET', path: '/v1/runs', role: 'viewer', result: RunPageSchema },
    query: Type.Object({ pair: Type.Optional(Name), limit: Limit, cursor: Cursor }, strict),
    summary: 'Runs of deploy and drill, newest first, page by page.',
  },
  run: {
    ...{ method: 'GET', path: '/v1/runs/:run', role: 'viewer', result: RunDetailSchema },
    params: Type.Object({ run: Id }, strict),
    summary: 'One run with its steps.',
  },
  plan: command('plan', 'operator', 'What a deploy would change, as a diff; touches nothing.'),
  deploy: command('deploy', 'admin', 'Makes the hosts what the file says.'),
  verify: command('verify', 'operator', 'Checks the pair from end to end.'),
  switchover: command('switchover', 'operator', 'The standby takes over, planned.'),
  drill: command(
    'drill',
    'operator',
    'Stops the server of the primary on purpose, and sees the pair take it.',
  ),
  maintenance: command('maintenance', 'operator', 'Leaves the standby to the operator, or ends that.'),
  rejoin: command('rejoin', 'operator', 'Tries a host that needs repair once more.'),
  makeReport: command('report', 'operator', 'Makes a health report of the pair, and delivers it.'),
  reseed: command('reseed', 'admin', "Replaces a host's data by a copy of the primary's."),
  alerts: {
    ...{ method: 'GET', path: '/v1/alerts', role: 'viewer', result: AlertListSchema },
    summary: 'The alerts that are open, and who has taken them on.',
  },
  acknowledgeAlert: {
    ...{ method: 'POST', path: '/v1/alerts/:alert/acknowledge', role: 'operator', result: AlertViewSchema },
    params: Type.Object({ alert: Id }, strict),
    summary: 'Takes an alert on: no repeats, no escalation; everybody who knows of it is told.',
  },
  jobs: {
    ...{ method: 'GET', path: '/v1/jobs', role: 'viewer', result: JobPageSchema },
    query: Type.Object({ pair: Type.Optional(Name), limit: Limit }, strict),
    summary: 'Jobs, newest first.',
  },
  job: {
    ...{ method: 'GET', path: '/v1/jobs/:job', role: 'viewer', result: JobSchema },
    params: Type.Object({ job: Id }, strict),
    summary: 'One job with its progress and result.',
  },
  jobProgress: {
    ...{ method: 'GET', path: '/v1/jobs/:job/progress', role: 'viewer' },
    params: Type.Object({ job: Id }, strict),
    ...{ produces: 'text/event-stream', result: Raw },
    summary:
      'The progress of a job as server-sent events: "progress" for each entry, in the end "done" with the job. Last-Event-ID goes on where a connection ended.',
  },
  cancelJob: {
    ...{ method: 'DELETE', path: '/v1/jobs/:job', role: 'operator', status: 202, result: JobSchema },
    params: Type.Object({ job: Id }, strict),
    summary: 'Asks a job to stop, as Ctrl-C does.',
  },
  audit: {
    ...{ method: 'GET', path: '/v1/audit', role: 'admin', result: AuditPageSchema },
    query: Type.Object({ limit: Limit, cursor: Cursor }, strict),
    summary: 'Who asked for what, newest first, page by page.',
  },
  auditExport: {
    ...{ method: 'GET', path: '/v1/audit/export', role: 'admin' },
    ...{ produces: 'application/x-ndjson', result: Raw },
    summary: 'The whole audit trail, one entry a line, oldest first.',
  },
  auditVerify: {
    ...{ method: 'GET', path: '/v1/audit/verify', role: 'admin', result: AuditVerdictSchema },
    summary: 'Whether every entry of the audit trail still fits the one before it.',
  },
  metrics: {
    ...{ method: 'GET', path: '/metrics', role: 'viewer', produces: 'text/plain', result: Raw },
    summary: 'Metrics for Prometheus; docs/metrics.md lists them.',
  },
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof ROUTES;

function command<C extends keyof typeof COMMAND_BODIES, R extends Role>(name: C, role: R, summary: string) {
  return {
    method: 'POST',
    path: `/v1/pairs/:pair/${name}`,
    role,
    params: OfPair,
    body: COMMAND_BODIES[name],
    status: 202,
    result: JobSchema,
    summary,
  } as const;
}

type Part<S, K extends string> = S extends { readonly [P in K]: infer T extends TSchema }
  ? Static<T>
  : undefined;

/** What a handler gets, checked by the schemas of its route. */
export interface RouteInput<N extends RouteName> {
  readonly params: Part<(typeof ROUTES)[N], 'params'>;
  readonly query: Part<(typeof ROUTES)[N], 'query'>;
  readonly body: Part<(typeof ROUTES)[N], 'body'>;
}
export type RouteResult<N extends RouteName> = Static<(typeof ROUTES)[N]['result']>;
