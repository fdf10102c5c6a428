/** What needs attention and what to do about it, open alerts first. It keeps its place and scrolls inside, so that nothing moves when it grows. */

import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { inLanguage } from '../model/in-language.ts';
import { language, messages } from '../settings.ts';
import { AlertItem } from './alert-item.tsx';
import { useAlerts } from './use-alerts.ts';

export function Attention({ pair }: { readonly pair: PairDetail }) {
  const { pair: words } = messages.value;
  const { value, readAnew } = useAlerts(pair.name);
  const alerts = value ?? [];
  return (
    <section class="panel attention" aria-labelledby="attention">
      <h2 id="attention">{words.attention}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="scroll" tabIndex={0}>
        {pair.attention.length === 0 && alerts.length === 0 ? (
          <p class="calm">
            <span class="calm-sign" aria-hidden="true">
              ✓
            </span>
            {pair.grade === 'undeployed' ? words.calmUndeployed : words.calm}
          </p>
        ) : (
          <ol>
            {alerts.map((alert) => (
              <AlertItem key={alert.id} alert={alert} onTaken={readAnew} />
            ))}
            {pair.attention.map((finding) => (
              <FoundItem key={`${finding.rule} ${finding.subject}`} finding={finding} />
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}

function FoundItem({ finding }: { readonly finding: PairDetail['attention'][number] }) {
  const { pair: words, severities } = messages.value;
  const { severity, subject, detail, remedy } = inLanguage(finding, language.value);
  return (
    <li class={`finding finding-${severity}`}>
      <p class="finding-head">
        <span class="finding-severity">{severities[severity]}</span> {subject}
      </p>
      <p>{detail}</p>
      <p class="todo">
        <strong>{words.todo}:</strong> {remedy}
      </p>
    </li>
  );
}
