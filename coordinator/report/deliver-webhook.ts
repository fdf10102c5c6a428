/** Posts a report to a webhook: the whole report as JSON, or a Slack message. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HealthReport } from './health-report.ts';
import type { RenderedReport } from './rendered-report.ts';

const TIMEOUT_MS = 10_000;
/** Slack cuts longer messages. */
const SLACK_FINDINGS = 10;

/** Throws AppError DELIVERY_FAILED; the message holds the host of the address, never its path. */
export async function deliverWebhook(
  report: RenderedReport,
  url: string,
  format: 'json' | 'slack',
  signal: AbortSignal,
): Promise<void> {
  const body = format === 'slack' ? JSON.stringify(slackMessage(report.report)) : report.json;
  const response = await post(url, body, signal);
  await response.body?.cancel();
  if (!response.ok)
    throw new AppError('DELIVERY_FAILED', `The webhook at ${hostOf(url)} answered ${response.status}.`);
}

async function post(url: string, body: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
      redirect: 'error', // A report goes where the file says, nowhere else.
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('DELIVERY_FAILED', `The webhook at ${hostOf(url)} could not be reached: ${words}.`, {
      cause: error,
    });
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an invalid address');

const EMOJI = {
  healthy: ':large_green_circle:',
  attention: ':large_yellow_circle:',
  critical: ':red_circle:',
};

/** https://docs.slack.dev/messaging/formatting-message-text: &, < and > are the characters to escape. */
export function slackMessage(report: HealthReport): { text: string } {
  const plain = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const findings = report.pairs.flatMap((pair) => pair.findings);
  const lines = findings
    .slice(0, SLACK_FINDINGS)
    .map((finding) => `• ${finding.severity}: *${plain(finding.subject)}* ${plain(finding.detail)}`);
  const more = findings.length > SLACK_FINDINGS ? [`… and ${findings.length - SLACK_FINDINGS} more`] : [];
  return { text: [`${EMOJI[report.grade]} ${plain(report.headline)}`, ...lines, ...more].join('\n') };
}
