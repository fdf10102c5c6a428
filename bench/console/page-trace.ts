/** What a trace of Chromium tells of one visit to a page: when it was painted, and what moved by itself. Reading it is pure. */

export const TRACE_CATEGORIES = ['loading', 'blink.user_timing', 'devtools.timeline'];
/** The mark that the visitor sets once the page shows what was asked for; what moves after it moved under the reader. */
export const SETTLED = 'hotpair-settled';

/** Times in ms from the beginning of the navigation; shifts as of https://web.dev/articles/cls, added up. */
export interface PageFigures {
  readonly firstPaintMs: number;
  /** The largest text or picture of the page (https://web.dev/articles/lcp). */
  readonly contentMs: number;
  readonly loadingShift: number;
  readonly liveShift: number;
}

interface TraceEvent {
  readonly name: string;
  /** µs */
  readonly ts: number;
  readonly args?: {
    readonly data?: {
      readonly navigationId?: string;
      readonly score?: number;
      readonly had_recent_input?: boolean;
      /** Of a mark: when it was set, µs on the trace's clock and ms from the beginning of the navigation. */
      readonly callTime?: number;
      readonly startTime?: number;
    };
  };
}

/**
 * The beginning of the navigation is reckoned from the mark: the page's process may be told to trace only after the
 * event of the beginning itself. Throws where the trace has no mark or no paint.
 */
export function readTrace(json: string): PageFigures {
  // What Chromium writes, for whoever asks it over its DevTools protocol (domain Tracing).
  const { traceEvents } = JSON.parse(json) as { readonly traceEvents: readonly TraceEvent[] };
  const named = (name: string): TraceEvent[] => traceEvents.filter((event) => event.name === name);
  const settled = need(named(SETTLED).at(-1), `mark ${SETTLED}`);
  const { navigationId, callTime = Number.NaN, startTime = Number.NaN } = settled.args?.data ?? {};
  const began = callTime - startTime * 1000;
  const paint = (name: string): TraceEvent[] =>
    named(name).filter(({ ts, args }) => args?.data?.navigationId === navigationId && ts <= settled.ts);
  const msOf = ({ ts }: TraceEvent): number => (ts - began) / 1000;
  const byItself = named('LayoutShift').filter(({ args }) => args?.data?.had_recent_input !== true);
  const sum = (events: readonly TraceEvent[]): number =>
    events.reduce((total, { args }) => total + (args?.data?.score ?? 0), 0);
  return {
    firstPaintMs: msOf(need(paint('firstContentfulPaint')[0], 'first paint')),
    contentMs: msOf(need(paint('largestContentfulPaint::Candidate').at(-1), 'largest paint')),
    loadingShift: sum(byItself.filter(({ ts }) => ts <= settled.ts)),
    liveShift: sum(byItself.filter(({ ts }) => ts > settled.ts)),
  };
}

function need(event: TraceEvent | undefined, what: string): TraceEvent {
  if (event === undefined) throw new Error(`the trace has no ${what}`);
  return event;
}
