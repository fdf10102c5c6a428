/** The weight of a voter's vote: a filled disc for each vote, an empty one for none. */

import { messages } from '../settings.ts';

export function VotePill({ x, y, vote }: { x: number; y: number; vote: number | null }) {
  const discs = Math.max(1, vote ?? 1);
  const kind = vote === null ? 'unknown' : vote === 0 ? 'empty' : 'full';
  const words = messages.value.picture.votes(vote);
  return (
    <g class={`vote vote-${kind}`} transform={`translate(${x} ${y})`}>
      {Array.from({ length: discs }, (_, index) => (
        <circle key={`disc-${index}`} cx={-28 + index * 8} cy={0} r={5} />
      ))}
      <text x={-14 + (discs - 1) * 8} y={4}>
        {words}
      </text>
    </g>
  );
}
