/** The lines of the picture: who hears whom, and which way the data flows. A mark says it again without colour. */

import { type Line, middleOf } from '../model/geometry.ts';
import type { LinkState, PairPicture } from '../model/picture.ts';
import { messages } from '../settings.ts';

interface LinkProps {
  readonly line: Line;
  readonly state: LinkState;
  readonly label?: string | null;
  readonly title?: string;
}

export function LinkLine({ line, state, label = null, title }: LinkProps) {
  const [x, y] = middleOf(line);
  return (
    <g class={`link link-${state}`}>
      {title !== undefined && <title>{title}</title>}
      <line x1={line.from[0]} y1={line.from[1]} x2={line.to[0]} y2={line.to[1]} />
      {state !== 'up' && state !== 'idle' && <Mark x={x} y={y} state={state} />}
      {label !== null && (
        <text x={x} y={y - 12}>
          {label}
        </text>
      )}
    </g>
  );
}

function Mark({ x, y, state }: { x: number; y: number; state: LinkState }) {
  return (
    <g class="mark" transform={`translate(${x} ${y})`}>
      <circle r={9} />
      {state === 'unknown' ? (
        <text y={4}>?</text>
      ) : (
        <path d={state === 'down' ? 'M-4 -4 L4 4 M4 -4 L-4 4' : 'M-5 0 H5 M2 -3 L5 0 L2 3'} />
      )}
    </g>
  );
}

interface FlowProps {
  readonly line: Line;
  readonly flow: PairPicture['flow'];
  readonly mode: PairPicture['mode'];
  readonly labels: boolean;
}

const BADGE = { width: 68, height: 26 };

export function FlowArrow({ line, flow, mode, labels }: FlowProps) {
  const words = messages.value;
  const [x, y] = middleOf(line);
  const state = flow?.state ?? 'unknown';
  const [from, to] = flow?.from === 1 ? [line.to, line.from] : [line.from, line.to];
  const angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  return (
    <g class={`flow flow-${state}`}>
      <path class="flow-line" d={`M${from[0]} ${from[1]} L${to[0]} ${to[1]}`} />
      {flow !== null && (
        <path
          class="flow-head"
          d="M-12 -7 L-1 0 L-12 7 Z"
          transform={`translate(${to[0]} ${to[1]}) rotate(${angle})`}
        />
      )}
      <g
        class={`mode mode-${mode ?? 'none'}`}
        transform={`translate(${x - BADGE.width / 2} ${y - BADGE.height / 2})`}
      >
        <rect width={BADGE.width} height={BADGE.height} rx={6} />
        <text x={BADGE.width / 2} y={18}>
          {mode === null ? '–' : words.modes[mode]}
        </text>
      </g>
      {labels && (
        <text class="flow-label" x={x} y={y + 34}>
          {words.picture.flows[state]}
        </text>
      )}
    </g>
  );
}
