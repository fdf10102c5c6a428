/** How long a pair may be without its VIP: a setting such as `5m per 30d`. */

export interface OutageBudget {
  readonly allowedMs: number;
  readonly days: number;
}

/** 99.99 % of 30 days. */
export const DEFAULT_OUTAGE_BUDGET: OutageBudget = { allowedMs: 259_200, days: 30 };
/** The days are 1 to 30: so far back the outages of a pair are kept at hand. */
export const OUTAGE_BUDGET_PATTERN = '^[1-9][0-9]{0,3}[smh] per ([1-9]|[12][0-9]|30)d$';
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `text` fits the pattern. */
export function parseOutageBudget(text: string): OutageBudget {
  const [allowed = '', period = ''] = text.split(' per ');
  const unit = UNIT_MS[allowed.slice(-1)] ?? Number.NaN;
  return { allowedMs: Number(allowed.slice(0, -1)) * unit, days: Number(period.slice(0, -1)) };
}
