/** Posts a report to a webhook: the whole report as JSON, or a Slack message. */

import { postJson } from '../delivery/post-json.ts';
import { slackText } from '../delivery/slack-text.ts';
import { sentencesOf } from './findings.ts';
import { reportHeadline } from './headline.ts';
import type { RenderedReport } from './rendered-report.ts';
import { WORDS } from './words.ts';

/** Slack cuts longer messages. */
const SLACK_FINDINGS = 10;

/** Throws AppError DELIVERY_FAILED; the message holds the host of the address, never its path. */
export async function deliverWebhook(
  report: RenderedReport,
  url: string,
  format: 'json' | 'slack',
  signal: AbortSignal,
): Promise<void> {
  const body = format === 'slack' ? JSON.stringify(slackMessage(report)) : report.json;
  await postJson({ url, body }, 'The webhook', signal);
}

const EMOJI = {
  healthy: ':large_green_circle:',
  attention: ':large_yellow_circle:',
  critical: ':red_circle:',
};

export function slackMessage({ report, language }: Pick<RenderedReport, 'report' | 'language'>): {
  text: string;
} {
  const words = WORDS[language];
  const findings = report.pairs.flatMap((pair) => pair.findings);
  const lines = findings.slice(0, SLACK_FINDINGS).map((finding) => {
    const { detail } = sentencesOf(words.findings, finding);
    return `• ${words.severities[finding.severity]}: *${slackText(finding.subject)}* ${slackText(detail)}`;
  });
  const more = findings.length > SLACK_FINDINGS ? [words.more(findings.length - SLACK_FINDINGS)] : [];
  return {
    text: [`${EMOJI[report.grade]} ${slackText(reportHeadline(report, words))}`, ...lines, ...more].join(
      '\n',
    ),
  };
}
