/** One plot, drawn by uPlot. The words beside it say its last values, so that it is hidden from screen readers. */

import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { Plot, Plots } from '../model/plots.ts';

interface Props {
  readonly plot: Plot;
  readonly data: Plots;
  /** Colours are read from the style sheet when the plot is made. */
  readonly dark: boolean;
}

const HEIGHT = 150;
const COLOURS = ['--accent', '--second'] as const;

export function PlotCanvas({ plot, data, dark }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const drawn = new UPlot(optionsOf(plot, data, current), tableOf(plot, data), current);
    const observer = new ResizeObserver(() => drawn.setSize({ width: current.clientWidth, height: HEIGHT }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [plot, data, dark]);
  return <div class="canvas" ref={box} aria-hidden="true" />;
}

function tableOf(plot: Plot, data: Plots): UPlot.AlignedData {
  return [[...data.times], ...plot.lines.map(({ values }) => [...values])];
}

function optionsOf(plot: Plot, data: Plots, box: HTMLElement): UPlot.Options {
  const colour = (name: string): string => colourOf(box, name);
  const axis = {
    ...{ stroke: colour('--muted'), font: '11px system-ui, sans-serif', size: 26 },
    ...{ grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } },
  };
  return {
    ...{ width: box.clientWidth, height: HEIGHT, legend: { show: false }, pxAlign: false },
    cursor: { points: { size: 6 }, drag: { setScale: false }, y: false },
    scales: {
      x: { time: true, range: () => [data.from, data.to] },
      y: { range: (_plot, _low, high) => [0, plot.top ?? Math.max(high * 1.15, 1)] },
    },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map(timeOfDay(data.to - data.from)), space: 64 },
      { ...axis, size: 44, space: 34 },
    ],
    series: [
      {},
      ...plot.lines.map((_line, index) => ({
        ...{
          stroke: colour(COLOURS[index] ?? '--accent'),
          width: 1.5,
          points: { show: false },
          spanGaps: false,
        },
        ...(plot.lines.length === 1 ? { fill: colour('--accent-wash') } : {}),
      })),
    ],
  };
}

/** A variable of the style sheet as a colour of the theme that counts now, which a canvas cannot find out by itself. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Hours for a day and less, else the day. */
function timeOfDay(seconds: number): (time: number) => string {
  const wish =
    seconds > 2 * 86_400
      ? ({ day: 'numeric', month: 'numeric' } as const)
      : ({ hour: '2-digit', minute: '2-digit' } as const);
  const format = new Intl.DateTimeFormat('en-GB', wish);
  return (time) => format.format(time * 1000);
}
