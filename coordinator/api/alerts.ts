/** Open alerts as programs and the console see them, and their acknowledgement. */

import type { AlertView } from '../../shared/api/alerts.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { AlertsSpec } from '../../shared/model/alerts-file.ts';
import type { Language } from '../../shared/model/language.ts';
import type { AlertMessage } from '../alerts/message.ts';
import { renderAlert } from '../alerts/render-message.ts';
import { acknowledge } from '../alerts/tell.ts';
import type { StoredAlert } from '../store/alerts.ts';
import type { NewAuditEntry } from '../store/audit.ts';
import type { Store } from '../store/open-store.ts';

export function listAlerts(store: Store): AlertView[] {
  return store.alerts
    .open()
    .filter(({ raised }) => raised !== null)
    .map(viewAlert);
}

/** One line of what it is about, without its severity. */
export function alertTitle(alert: StoredAlert, language: Language = 'en'): string {
  const { key, rule, severity, params, since, acknowledgedBy: by } = alert;
  const message: AlertMessage = {
    ...{ kind: 'raised', key, rule, severity, params, since, time: Date.now(), by, also: [] },
  };
  return renderAlert(message, alert.id, language, 'UTC').title.replace(/^\[[^\]]*\] /, '');
}

/** Everybody who knows of it is told who has it. Throws NOT_FOUND. */
export function acknowledgeAlert(
  store: Store,
  alerts: AlertsSpec,
  request: { readonly id: number; readonly by: string } & Pick<NewAuditEntry, 'actor' | 'source'>,
): StoredAlert {
  const { id, by, actor, source } = request;
  const now = Date.now();
  const found = store.alerts.acknowledge(id, (one) => acknowledge(one, by, alerts, now));
  if (found === null)
    throw new AppError(
      'NOT_FOUND',
      `There is no open alert ${id}: coordinator alert list shows their numbers.`,
    );
  const about = { action: 'alert ack', target: found.key, outcome: 'done', data: { id, by } };
  store.audit.append({ actor, source, ...about });
  const { params, rule } = found;
  store.events.append({
    ...{ pair: params.pair, host: params.host, kind: 'AlertAcknowledged', data: { rule, by } },
    message: `${by} deals with it: ${alertTitle(found)}`,
  });
  return { ...found, acknowledged: now, acknowledgedBy: by };
}

export function viewAlert(alert: StoredAlert): AlertView {
  const { id, rule, severity, params, since, acknowledged, acknowledgedBy } = alert;
  const title = alertTitle(alert);
  const translations = { zh: { title: alertTitle(alert, 'zh') } };
  return { id, rule, severity, pair: params.pair, title, translations, since, acknowledged, acknowledgedBy };
}
