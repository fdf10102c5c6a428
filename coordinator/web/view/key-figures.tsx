/** The figures of a pair that matter most, in places that do not move. */

import type { ComponentChildren } from 'preact';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { type Budget, budgetOf } from '../model/budget.ts';
import { dateAndTime, duration, number, percent } from '../model/units.ts';
import { language, messages } from '../settings.ts';

export function KeyFigures({ pair }: { readonly pair: PairDetail }) {
  const { pair: words } = messages.value;
  const budget = budgetOf(pair.outages);
  const { lastDrill } = pair;
  return (
    <dl class="figures">
      <Protection pair={pair} />
      <Lag pair={pair} />
      <Figure
        name={words.commits}
        value={pair.commitsPerSecond === null ? '–' : number(pair.commitsPerSecond, language.value)}
        under={pair.primary === null ? messages.value.pairs.noPrimary : words.onPrimary(pair.primary)}
      />
      <OutageBudget budget={budget} days={pair.outages.days} />
      <Figure
        name={words.drill}
        value={
          lastDrill === null
            ? words.noDrill
            : messages.value.ago(duration(Math.max(0, pair.time - lastDrill), language.value))
        }
        under={lastDrill === null ? words.drillHint : dateAndTime(lastDrill, language.value)}
        tone={lastDrill === null ? 'warn' : ''}
      />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly under: ComponentChildren;
  readonly tone?: string;
  readonly hint?: string;
}

function Figure({ name, value, under, tone = '', hint }: FigureProps) {
  return (
    <div class="panel figure-panel" title={hint}>
      <dt>{name}</dt>
      <dd class={`figure-value ${tone}`}>{value}</dd>
      <dd class="under">{under}</dd>
    </div>
  );
}

function Protection({ pair }: { readonly pair: PairDetail }) {
  const { modes, since, pair: words } = messages.value;
  const { mode, modeSince } = pair;
  const hints = { sync: modes.syncHint, solo: modes.soloHint };
  const from = modeSince === null ? '' : since(dateAndTime(modeSince, language.value));
  const hint = mode === null ? modes.noneHint : hints[mode];
  return (
    <Figure
      {...{ name: words.protection, value: mode === null ? modes.none : modes[mode], hint }}
      under={mode === 'solo' ? `${from} · ${modes.soloUnder}` : from}
      tone={mode === 'sync' ? 'good' : 'warn'}
    />
  );
}

function Lag({ pair }: { readonly pair: PairDetail }) {
  const { pair: words, unknown } = messages.value;
  const { lagSeconds, gtidGap } = pair;
  const gap = gtidGap === null ? unknown : words.gap(number(gtidGap, language.value));
  return (
    <Figure
      name={words.lag}
      value={lagSeconds === null ? '–' : duration(lagSeconds * 1000, language.value)}
      under={gtidGap === 0 ? words.noGap : gap}
      tone={lagSeconds === null || lagSeconds > 10 ? 'warn' : ''}
    />
  );
}

function OutageBudget({ budget, days }: { readonly budget: Budget; readonly days: number }) {
  const { pair: words } = messages.value;
  const own = language.value;
  const { allowedMs, usedMs, used, availability, target } = budget;
  return (
    <Figure
      name={words.budget}
      value={percent(availability, own)}
      tone={used > 1 ? 'bad' : ''}
      under={
        <>
          <meter
            {...{ min: 0, max: 1, low: 0.5, high: 0.9, optimum: 0, value: Math.min(1, used) }}
            aria-label={words.budget}
          />
          {words.budgetHint(duration(usedMs, own), duration(allowedMs, own), days, percent(target, own))}
        </>
      }
    />
  );
}
