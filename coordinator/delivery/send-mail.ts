/** Sends one e-mail over SMTP, as coordinator.smtp says. */

import { readFile } from 'node:fs/promises';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';

const TIMEOUT_MS = 20_000;

export type Mail = Pick<
  SendMailOptions,
  'subject' | 'text' | 'html' | 'attachments' | 'attachDataUrls' | 'messageId' | 'references'
>;

/** `what` is named in errors: "The report". Throws AppError DELIVERY_FAILED with the server's words. */
export async function sendMail(
  mail: Mail,
  to: string,
  smtp: SmtpSpec | null,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  if (smtp === null)
    throw new AppError('DELIVERY_FAILED', `${what} to ${to} needs coordinator.smtp in hotpair.yaml.`);
  const transport = await openTransport(smtp);
  const stop = (): void => transport.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await transport.sendMail({
      ...{ from: smtp.from, to, ...mail },
      headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers.
    });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'DELIVERY_FAILED',
      `${smtp.host} did not take ${what.toLowerCase()} to ${to}: ${words}`,
      {
        cause: error,
      },
    );
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
