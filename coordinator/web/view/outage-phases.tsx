/** What a takeover took, phase by phase, as one bar and as figures. */

import type { OutageView } from '../../../shared/api/history.ts';
import { duration } from '../model/units.ts';
import { language, messages } from '../settings.ts';
import { wordFor } from './words.ts';

const HEIGHT = 18;

export function OutagePhases({ outage }: { readonly outage: OutageView }) {
  const { outage: words } = messages.value;
  const phases = Object.entries(outage.phases ?? {}).filter(([name]) => name !== 'total');
  if (phases.length === 0) return null;
  const total = phases.reduce((sum, [, ms]) => sum + ms, 0);
  const starts = phases.map((_phase, index) => phases.slice(0, index).reduce((sum, [, ms]) => sum + ms, 0));
  return (
    <section class="panel phases" aria-labelledby="phases">
      <h2 id="phases">{words.phases}</h2>
      <svg viewBox={`0 0 400 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {phases.map(([name, ms], index) => (
          <rect
            key={name}
            class={`phase-${index % 6}`}
            {...{ x: ((starts[index] ?? 0) / total) * 400, y: 0, height: HEIGHT }}
            width={Math.max(1, (ms / total) * 400 - 1)}
          />
        ))}
      </svg>
      <dl class="facts">
        {phases.map(([name, ms], index) => (
          <div key={name}>
            <dt>
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect class={`phase-${index % 6}`} width="10" height="10" rx="2" />
              </svg>
              {wordFor(words.phaseNames, name)}
            </dt>
            <dd>{duration(ms, language.value)}</dd>
          </div>
        ))}
        <div>
          <dt>{words.phaseNames.total}</dt>
          <dd>{duration(outage.phases?.['total'] ?? total, language.value)}</dd>
        </div>
      </dl>
    </section>
  );
}
