/** What was measured, over an hour, a day or a week; read anew every now and then while it is looked at. */

import { useEffect, useState } from 'preact/hooks';
import {
  lastValues,
  type Plot,
  type Plots as PlotData,
  plotsOf,
  RANGES,
  type Range,
} from '../model/plots.ts';
import { number } from '../model/units.ts';
import { session } from '../session.ts';
import { dark, language, messages } from '../settings.ts';
import { PlotCanvas } from './plot-canvas.tsx';
import { useReading } from './use-reading.ts';

const POINTS = 240;
const ANEW_MS: Readonly<Record<Range, number>> = { hour: 15_000, day: 120_000, week: 600_000 };
const NAMES = ['hour', 'day', 'week'] as const;

export function Plots({ pair }: { readonly pair: string }) {
  const { plots: words, pair: titles } = messages.value;
  const [range, setRange] = useState<Range>('hour');
  const [count, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setCount((before) => before + 1), ANEW_MS[range]);
    return () => clearInterval(timer);
  }, [range]);
  const { value, error } = useReading(() => read(pair, range), [pair, range, count]);
  return (
    <section aria-labelledby="plots">
      <div class="section-head">
        <h2 id="plots">{titles.plots}</h2>
        <fieldset class="segments">
          <legend class="unseen">{words.range}</legend>
          {NAMES.map((name) => (
            <button key={name} type="button" aria-pressed={name === range} onClick={() => setRange(name)}>
              {words.ranges[name]}
            </button>
          ))}
        </fieldset>
      </div>
      {value === null ? (
        <p class="plots-empty empty">{error === null ? '…' : words.failed}</p>
      ) : (
        <PlotGrid data={value} />
      )}
    </section>
  );
}

async function read(pair: string, range: Range): Promise<PlotData> {
  const to = Date.now();
  const client = session.peek()?.client;
  if (client === undefined) throw new Error('nobody is signed in');
  return plotsOf(await client.samples(pair, to - RANGES[range], to, POINTS));
}

function PlotGrid({ data }: { readonly data: PlotData }) {
  return (
    <div class="plots">
      {data.plots.map((plot) => (
        <PlotPanel key={plot.id} plot={plot} data={data} />
      ))}
    </div>
  );
}

function PlotPanel({ plot, data }: { readonly plot: Plot; readonly data: PlotData }) {
  const { plots: words } = messages.value;
  const lines = lastValues(plot).map(({ label, value }) => {
    const text = value === null ? '–' : number(value, language.value, 2);
    return {
      label,
      text: value === null || plot.unit === '' ? text : `${text} ${plot.unit}`,
      known: value !== null,
    };
  });
  return (
    <figure class="panel plot">
      <figcaption>
        {words.titles[plot.id]}
        <span class="legend under-inline">
          {lines.some(({ known }) => known)
            ? lines.map(({ label, text }, index) => (
                <span key={label}>
                  <Swatch line={index} /> {label} {words.now(text)}
                </span>
              ))
            : words.empty}
        </span>
      </figcaption>
      <PlotCanvas plot={plot} data={data} dark={dark.value} />
    </figure>
  );
}

/** The colour of a line, as plot-canvas.tsx draws it. */
function Swatch({ line }: { readonly line: number }) {
  return (
    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect class={`line-${line}`} y="3" width="10" height="4" rx="2" />
    </svg>
  );
}
