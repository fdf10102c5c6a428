/** Sends a report by e-mail: text and HTML, its charts as parts of the mail, the JSON attached. */

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
  // Mail programs show pictures that come with the mail; those in the page itself many leave out.
  return sendMail({ subject, text, html, attachments, attachDataUrls: true }, to, smtp, 'The report', signal);
}
