/** Logs as JSON lines on standard error (journald keeps them). Messages are static; what varies goes into fields. */

import { type Logger, pino } from 'pino';

export type { Logger };

/** pino's wildcard reaches one level only, so every depth that occurs is named. */
const SECRET_PATHS = [
  'password',
  '*.password',
  '*.*.password',
  'params.source.password',
  'secret',
  '*.secret',
  'key',
  '*.privateKey',
];

export function createLogger(
  name: string,
  level: string = process.env['HOTPAIR_LOG_LEVEL'] ?? 'info',
): Logger {
  return pino(
    { name, level, redact: { paths: SECRET_PATHS, censor: '[redacted]' }, base: { name } },
    pino.destination({ dest: 2, sync: true }),
  );
}
