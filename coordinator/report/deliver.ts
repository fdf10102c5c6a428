/** Brings a report to all its targets: each by itself, tried again with growing pauses, its outcome as data. */

import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';
import type { ReportTarget } from '../../shared/model/reports-file.ts';
import { backoffMs } from '../../shared/time/backoff.ts';
import { hostOf } from '../delivery/post-json.ts';
import { deliverEmail } from './deliver-email.ts';
import { deliverFolder } from './deliver-folder.ts';
import { deliverWebhook } from './deliver-webhook.ts';
import type { RenderedReport } from './rendered-report.ts';

export interface DeliveryOutcome {
  /** Where to, without anything secret in it. */
  readonly target: string;
  readonly ok: boolean;
  readonly attempts: number;
  /** Why not; null when it arrived. */
  readonly error: string | null;
}

export interface DeliveryOptions {
  readonly smtp: SmtpSpec | null;
  readonly signal: AbortSignal;
  /** First pause between two tries, ms; it doubles. */
  readonly firstPauseMs?: number;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 2000;

export function deliverAll(
  report: RenderedReport,
  targets: readonly ReportTarget[],
  options: DeliveryOptions,
): Promise<DeliveryOutcome[]> {
  return Promise.all(targets.map((target) => deliverWithRetries(report, target, options)));
}

async function deliverWithRetries(
  report: RenderedReport,
  target: ReportTarget,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const firstMs = options.firstPauseMs ?? FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await deliver(report, target, options);
      return { target: targetName(target), ok: true, attempts: attempt, error: null };
    } catch (error) {
      if (attempt === ATTEMPTS || options.signal.aborted)
        return { target: targetName(target), ok: false, attempts: attempt, error: toAppError(error).message };
      const pause = backoffMs(attempt - 1, Math.random(), { firstMs, mostMs: 60_000 });
      await delay(pause, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

function deliver(report: RenderedReport, target: ReportTarget, options: DeliveryOptions): Promise<void> {
  if ('email' in target) return deliverEmail(report, target.email, options.smtp, options.signal);
  if ('webhook' in target)
    return deliverWebhook(report, target.webhook, target.format ?? 'json', options.signal);
  return deliverFolder(report, target.folder);
}

/** The path and query of a webhook are often its secret, so only its host is told. */
export function targetName(target: ReportTarget): string {
  if ('email' in target) return `e-mail to ${target.email}`;
  if ('folder' in target) return `folder ${target.folder}`;
  return `webhook at ${hostOf(target.webhook)}`;
}
