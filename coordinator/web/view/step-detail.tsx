/** One step of a failover: who decided what, and why. */

import type { ReplayStep } from '../model/replay.ts';
import { offset } from '../model/units.ts';
import { messages } from '../settings.ts';
import { phaseWords, reasonWords, wordFor } from './words.ts';

interface Props {
  readonly step: ReplayStep;
  readonly index: number;
  readonly count: number;
}

export function StepDetail({ step: { entry, offsetMs, part }, index, count }: Props) {
  const { outage: words, eventKinds } = messages.value;
  const { observer, kind, row, fromPhase, toPhase, voters, effects, facts, type } = entry;
  const own = observer === 'coordinator' ? words.coordinator : observer;
  const reason = reasonWords(entry, messages.value);
  return (
    <section class="panel step-detail" aria-live="polite">
      <p class="under">
        {words.step(index + 1, count)} · {offset(offsetMs)} · {words.parts[part]}
      </p>
      <h2>
        {own}
        {row !== null && type === 'decision' && <span class="row-id">{row}</span>}
        {kind !== null && <span class="kind">{wordFor(eventKinds, kind)}</span>}
      </h2>
      {fromPhase !== null && toPhase !== null && (
        <p class="change">
          {fromPhase === toPhase
            ? words.stays(phaseWords(toPhase, messages.value))
            : words.becomes(phaseWords(fromPhase, messages.value), phaseWords(toPhase, messages.value))}
        </p>
      )}
      <p class="why" lang={reason.language}>
        {reason.text}
      </p>
      <dl class="facts">
        {voters.length > 0 && <Row name={words.votes} value={voters.join(', ')} />}
        {effects.length > 0 && <Row name={words.effects} value={effects.join(', ')} />}
      </dl>
      {Object.keys(facts).length > 0 && (
        <details>
          <summary>{words.facts}</summary>
          <dl class="facts raw">
            {Object.entries(facts).map(([name, value]) => (
              <Row key={name} name={name} value={String(value)} />
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
