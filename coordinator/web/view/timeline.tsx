/** Every step of a failover, observer by observer: a column for each of them, time downwards. */

import { observersOf, type ReplayStep } from '../model/replay.ts';
import { offset } from '../model/units.ts';
import { messages } from '../settings.ts';
import { phaseWords, reasonWords, wordFor } from './words.ts';

interface Props {
  readonly steps: readonly ReplayStep[];
  readonly hosts: readonly string[];
  readonly at: number;
  readonly go: (at: number) => void;
}

export function Timeline({ steps, hosts, at, go }: Props) {
  const { outage: words } = messages.value;
  const observers = observersOf(hosts, steps);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{words.timeline}</h2>
      <div class={`lanes lanes-${observers.length}`}>
        <div class="lane-heads" aria-hidden="true">
          <span />
          {observers.map((observer) => (
            <span key={observer}>{observer === 'coordinator' ? words.coordinator : observer}</span>
          ))}
        </div>
        <ol>
          {steps.map((step, index) => (
            <Step
              {...{
                key: `${step.entry.observer} ${step.entry.id}`,
                step,
                go: () => go(index),
                current: index === at,
              }}
              lane={observers.indexOf(step.entry.observer) + 1}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

interface StepProps {
  readonly step: ReplayStep;
  readonly lane: number;
  readonly current: boolean;
  readonly go: () => void;
}

function Step({ step: { entry, offsetMs, part }, lane, current, go }: StepProps) {
  const { outage: words } = messages.value;
  const tone = entry.severity ?? 'decision';
  const own = entry.observer === 'coordinator' ? words.coordinator : entry.observer;
  const reason = reasonWords(entry, messages.value);
  return (
    <li class={`step step-${part}`}>
      <span class="offset">{offset(offsetMs)}</span>
      <button
        type="button"
        class={`lane-${lane} tone-${tone}`}
        aria-current={current ? 'step' : undefined}
        onClick={go}
      >
        <span class="step-observer">{own}</span>
        <span class="step-head">{headOf(entry)}</span>
        <span class="step-why" lang={reason.language}>
          {reason.text}
        </span>
      </button>
    </li>
  );
}

function headOf({ kind, row, fromPhase, toPhase }: ReplayStep['entry']): string {
  const own = messages.value;
  if (kind !== null) return wordFor(own.eventKinds, kind);
  const changed = fromPhase !== toPhase ? ` → ${phaseWords(toPhase, own)}` : '';
  return `${row ?? ''}${changed}`;
}
