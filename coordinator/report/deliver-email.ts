/** Sends a report by e-mail over SMTP: text and HTML, the JSON attached. */

import { readFile } from 'node:fs/promises';
import { createTransport, type Transporter } from 'nodemailer';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';
import type { RenderedReport } from './rendered-report.ts';

const TIMEOUT_MS = 20_000;

/** Throws AppError DELIVERY_FAILED with the server's words. */
export async function deliverEmail(
  report: RenderedReport,
  to: string,
  smtp: SmtpSpec | null,
  signal: AbortSignal,
): Promise<void> {
  if (smtp === null)
    throw new AppError('DELIVERY_FAILED', `The report to ${to} needs coordinator.smtp in hotpair.yaml.`);
  const transport = await openTransport(smtp);
  const stop = (): void => transport.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await transport.sendMail({
      ...{ from: smtp.from, to, subject: report.subject, text: report.text, html: report.html },
      attachments: [
        { filename: `${report.name}.json`, content: report.json, contentType: 'application/json' },
      ],
      headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers.
    });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError('DELIVERY_FAILED', `${smtp.host} did not take the report to ${to}: ${words}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

async function openTransport(smtp: SmtpSpec): Promise<Transporter> {
  const tls = smtp.tls ?? 'starttls';
  return createTransport({
    host: smtp.host,
    port: smtp.port ?? (tls === 'implicit' ? 465 : 587),
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: await readPassword(smtp) } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
}

async function readPassword(smtp: SmtpSpec): Promise<string> {
  if (smtp.password_file === undefined)
    throw new AppError('DELIVERY_FAILED', 'coordinator.smtp has a user but no password_file.');
  try {
    return (await readFile(smtp.password_file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new AppError('DELIVERY_FAILED', `The SMTP password file ${smtp.password_file} cannot be read.`, {
      cause: error,
    });
  }
}
