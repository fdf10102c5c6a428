/** The open alerts of all pairs, below the list of pairs, so that nothing moves when one is told. */

import { messages } from '../settings.ts';
import { AlertItem } from './alert-item.tsx';
import type { Alerts } from './use-alerts.ts';

export function OpenAlerts({ alerts: { value, error, readAnew } }: { readonly alerts: Alerts }) {
  const { alerts: words } = messages.value;
  if (error !== null && value === null) return <p class="empty">{error}</p>;
  if (value === null || value.length === 0) return null;
  return (
    <section class="panel open-alerts" aria-labelledby="alerts" id="open-alerts" tabIndex={-1}>
      <h2 id="alerts">{words.open(value.length)}</h2>
      <ol>
        {value.map((alert) => (
          <AlertItem key={alert.id} alert={alert} link onTaken={readAnew} />
        ))}
      </ol>
    </section>
  );
}
