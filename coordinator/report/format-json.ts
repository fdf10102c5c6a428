/** A report as JSON: everything it says, times in ms since the epoch. Pure. */

import type { HealthReport } from './health-report.ts';

export function formatJson(report: HealthReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
