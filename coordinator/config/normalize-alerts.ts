/** The alerts of the file with every default filled in. Pure. */

import { resolve } from 'node:path';
import type {
  AlertsFile,
  AlertsSpec,
  ReceiverFile,
  ReceiverSpec,
  RuleChange,
  SecretSource,
} from '../../shared/model/alerts-file.ts';
import { lengthMs } from '../../shared/time/length.ts';

/** `alerts` has been validated; `folder` is what its relative paths count from. */
export function normalizeAlerts(alerts: AlertsFile, folder: string): AlertsSpec {
  const { receivers, language = 'en', timezone = 'UTC', quiet_hours: quiet, rules = {} } = alerts;
  return {
    receivers: Object.entries(receivers).map(([name, receiver]) =>
      normalizeReceiver(name, { language, ...receiver }, folder),
    ),
    timezone,
    quiet: quiet === undefined ? null : parseQuietHours(quiet),
    rules: Object.fromEntries(Object.entries(rules).map(([id, rule]) => [id, normalizeRule(rule)])),
  };
}

function normalizeReceiver(name: string, receiver: ReceiverFile, folder: string): ReceiverSpec {
  const { format, to = null, url, severity = 'warning', after = '0s', language = 'en' } = receiver;
  return {
    ...{ name, format, to, severity, language, afterMs: lengthMs(after) },
    url: sourceOf(url, receiver.url_file, receiver.url_env, folder),
    secret: sourceOf(undefined, receiver.secret_file, receiver.secret_env, folder),
  };
}

function sourceOf(
  text: string | undefined,
  file: string | undefined,
  env: string | undefined,
  folder: string,
): SecretSource | null {
  if (text !== undefined) return { text };
  if (file !== undefined) return { file: resolve(folder, file) };
  return env === undefined ? null : { env };
}

type RuleFile = NonNullable<AlertsFile['rules']>[string];

function normalizeRule({ enabled, severity, for: holds, repeat }: RuleFile): RuleChange {
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(severity === undefined ? {} : { severity }),
    ...(holds === undefined ? {} : { forMs: lengthMs(holds) }),
    ...(repeat === undefined ? {} : { repeatMs: lengthMs(repeat) }),
  };
}

function parseQuietHours(text: string): { from: number; to: number } {
  const [from = 0, to = 0] = text.split('-').map((time) => {
    const [hours, minutes] = time.split(':').map(Number);
    return (hours ?? 0) * 60 + (minutes ?? 0);
  });
  return { from, to };
}
