/** Posts a report to a webhook: the whole report as JSON, or a Slack message. */

import { postJson } from '../delivery/post-json.ts';
import { slackText } from '../delivery/slack-text.ts';
import type { HealthReport } from './health-report.ts';
import type { RenderedReport } from './rendered-report.ts';

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
  await postJson({ url, body }, 'The webhook', signal);
}

const EMOJI = {
  healthy: ':large_green_circle:',
  attention: ':large_yellow_circle:',
  critical: ':red_circle:',
};

export function slackMessage(report: HealthReport): { text: string } {
  const findings = report.pairs.flatMap((pair) => pair.findings);
  const lines = findings
    .slice(0, SLACK_FINDINGS)
    .map((finding) => `• ${finding.severity}: *${slackText(finding.subject)}* ${slackText(finding.detail)}`);
  const more = findings.length > SLACK_FINDINGS ? [`… and ${findings.length - SLACK_FINDINGS} more`] : [];
  return { text: [`${EMOJI[report.grade]} ${slackText(report.headline)}`, ...lines, ...more].join('\n') };
}
