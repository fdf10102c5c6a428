/** The generated pages of docs/, by file name. */

import { renderAlerts } from './alerts-page.ts';
import { renderApi } from './api-page.ts';
import { renderCommands } from './commands-page.ts';
import { renderConfiguration } from './configuration-page.ts';
import { renderErrors } from './errors-page.ts';
import { renderEvents } from './events-page.ts';
import { renderMetrics } from './metrics-page.ts';
import { renderPair } from './pair-page.ts';
import { renderProtocol } from './protocol-page.ts';

export const PAGES: Readonly<Record<string, () => string>> = {
  'alerts.md': renderAlerts,
  'api.md': renderApi,
  'commands.md': renderCommands,
  'configuration.md': renderConfiguration,
  'errors.md': renderErrors,
  'events.md': renderEvents,
  'metrics.md': renderMetrics,
  'pair.md': renderPair,
  'protocol.md': renderProtocol,
};
