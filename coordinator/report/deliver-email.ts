/** Sends a report by e-mail: text and HTML, the JSON attached. */

import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';
import { sendMail } from '../delivery/send-mail.ts';
import type { RenderedReport } from './rendered-report.ts';

/** Throws AppError DELIVERY_FAILED with the server's words. */
export function deliverEmail(
  { subject, text, html, name, json }: RenderedReport,
  to: string,
  smtp: SmtpSpec | null,
  signal: AbortSignal,
): Promise<void> {
  const attachments = [{ filename: `${name}.json`, content: json, contentType: 'application/json' }];
  return sendMail({ subject, text, html, attachments }, to, smtp, 'The report', signal);
}
