/** What each route of the table answers. A route without a handler does not compile. */

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandBody, CommandName, Job } from '../../shared/api/jobs.ts';
import { ROUTES, type RouteInput, type RouteName, type RouteResult } from '../../shared/api/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { AlertsSpec } from '../../shared/model/alerts-file.ts';
import type { SampleRetention } from '../../shared/model/store-file.ts';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import { acknowledgeAlert, listAlerts, viewAlert } from '../api/alerts.ts';
import { eventPage, listOutages, outageDetail, runDetail, samplesOf } from '../api/history.ts';
import type { Jobs } from '../api/jobs.ts';
import type { PairBoard } from '../api/pair-board.ts';
import { pairConfig } from '../api/pair-config.ts';
import { listReports, readReport } from '../api/report-files.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Store } from '../store/open-store.ts';
import type { StoredToken } from '../store/tokens.ts';
import { followJob } from './follow-job.ts';
import { renderOpenApi } from './openapi.ts';

/** What the handlers work with. */
export interface Services {
  readonly board: PairBoard;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly reportsFolder: string;
  /** Null: nobody is alerted. */
  readonly alerts: AlertsSpec | null;
  /** How long samples are kept. */
  readonly keep: SampleRetention;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Who called, and how, for the few handlers that need to know. */
export interface Call {
  /** Of a route that anyone may call there may be none. */
  readonly token: StoredToken | null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Where the route produces no JSON: the bytes and their type. */
export interface Raw {
  readonly type: string;
  readonly body: string | Readable;
}

type Result<N extends RouteName> = (typeof ROUTES)[N] extends { readonly produces: string }
  ? Raw
  : RouteResult<N>;
type Handler<N extends RouteName> = (input: RouteInput<N>, call: Call) => Result<N> | Promise<Result<N>>;
export type Handlers = { readonly [N in RouteName]: Handler<N> };

/** What every command gets: the body fits the schema of its own route. */
interface CommandInput {
  readonly params: { readonly pair: string };
  readonly body: CommandBody<CommandName>;
}

const PAGE = 50;
const EXPORT_BATCH = 500;

export function createHandlers(services: Services): Handlers {
  return {
    ...aboutDaemon(services),
    ...aboutPairs(services),
    ...commands(services),
    ...aboutAlerts(services),
    ...aboutAudit(services),
  };
}

function aboutDaemon({ startedAt, metrics, store, reportsFolder }: Services) {
  const document = renderOpenApi(HOTPAIR_VERSION);
  return {
    health: () => ({
      ...{ status: 'ok', version: HOTPAIR_VERSION },
      uptimeSeconds: Math.floor((Date.now() - startedAt) / 1000),
    }),
    openapi: () => ({ ...document }),
    me: (_input, { token }) => {
      // The route's role keeps everybody out who has none.
      const { name, role, expires } = token as StoredToken;
      return { name, role, expires };
    },
    metrics: () => metrics.render(),
    reports: () => listReports(reportsFolder),
    report: ({ params, query }) => readReport(reportsFolder, params.name, query.format ?? 'json'),
    runs: ({ query }) => {
      const { pair, limit = PAGE, cursor } = query;
      const before = cursor === undefined ? undefined : Number(cursor);
      const runs = store.runs.list(pair, limit + 1, before).reverse();
      const page = runs.slice(0, limit);
      return { runs: page, next: runs.length > limit ? String(page.at(-1)?.id) : null };
    },
    run: ({ params }) => runDetail(store, Number(params.run)),
  } satisfies Partial<Handlers>;
}

function aboutPairs({ board, store, keep }: Services) {
  return {
    pairs: () => board.summaries(),
    pair: ({ params }) => board.detail(params.pair),
    events: ({ query }) => eventPage(store, query),
    pairEvents: ({ params, query }) => eventPage(store, query, board.pair(params.pair).spec.name),
    outages: ({ params, query }) => {
      const { spec } = board.pair(params.pair);
      return { outages: listOutages(store, spec.name, query.since, query.limit) };
    },
    outage: ({ params }) => outageDetail(store, board.pair(params.pair).spec, Number(params.event)),
    samples: ({ params, query }) => samplesOf({ store, pair: board.pair(params.pair).spec, keep }, query),
    config: ({ params }) => pairConfig(board.pair(params.pair), store),
  } satisfies Partial<Handlers>;
}

function commands({ board, jobs }: Services) {
  const start =
    (command: CommandName) =>
    ({ params, body }: CommandInput, { token, request, reply }: Call): Job => {
      const { spec } = board.pair(params.pair);
      const key = request.headers['idempotency-key'];
      const { job, replayed } = jobs.start({
        ...{ command, pair: spec.name, body, actor: (token as StoredToken).name },
        key: typeof key === 'string' ? key : null,
      });
      reply.header('location', `/v1/jobs/${job.id}`);
      if (replayed) reply.header('idempotent-replayed', 'true');
      return job;
    };
  return {
    ...{ plan: start('plan'), deploy: start('deploy'), verify: start('verify') },
    ...{ switchover: start('switchover'), drill: start('drill'), maintenance: start('maintenance') },
    ...{ rejoin: start('rejoin'), makeReport: start('report') },
    reseed: start('reseed'),
    jobs: ({ query }) => ({ jobs: jobs.list(query.limit ?? PAGE, query.pair) }),
    job: ({ params }) => jobs.get(Number(params.job)),
    jobProgress: ({ params }, { request }) => followJob(jobs, Number(params.job), request),
    cancelJob: ({ params }, { token }) => jobs.cancel(Number(params.job), (token as StoredToken).name),
  } satisfies Partial<Handlers>;
}

function aboutAlerts({ store, alerts }: Services) {
  return {
    alerts: () => ({ alerts: listAlerts(store) }),
    acknowledgeAlert: ({ params }, { token }) => {
      // The route's role keeps everybody out who has none.
      const { name } = token as StoredToken;
      const id = Number(params.alert);
      if (alerts === null) throw new AppError('NOT_FOUND', 'hotpair.yaml names nobody to alert.');
      return viewAlert(acknowledgeAlert(store, alerts, { id, by: name, actor: name, source: 'rest' }));
    },
  } satisfies Partial<Handlers>;
}

function aboutAudit({ store }: Services) {
  return {
    audit: ({ query }) => {
      const { limit = PAGE, cursor } = query;
      const found = store.audit.page(limit + 1, cursor === undefined ? undefined : Number(cursor));
      const entries = found.slice(0, limit);
      return { entries, next: found.length > limit ? String(entries.at(-1)?.id) : null };
    },
    auditExport: () => ({ type: ROUTES.auditExport.produces, body: Readable.from(auditLines(store)) }),
    auditVerify: () => store.audit.verify(),
  } satisfies Partial<Handlers>;
}

function* auditLines(store: Store): Generator<string> {
  let last = 0;
  for (;;) {
    const batch = store.audit.after(last, EXPORT_BATCH);
    if (batch.length === 0) return;
    yield batch.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    last = batch.at(-1)?.id ?? last;
  }
}
