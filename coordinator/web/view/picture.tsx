/** The picture of a pair: who serves, who hears whom, where the VIP is, and how commits are protected. */

import { type Geometry, NARROW, WIDE } from '../model/geometry.ts';
import type { PairPicture } from '../model/picture.ts';
import { messages, narrow } from '../settings.ts';
import { describePicture } from './describe-picture.ts';
import { HostCard } from './picture-host.tsx';
import { FlowArrow, LinkLine } from './picture-lines.tsx';
import { VotePill } from './picture-vote.tsx';

interface Props {
  readonly picture: PairPicture;
  /** Links, votes and lease are left out where nobody told of them. */
  readonly links?: boolean;
}

export function Picture({ picture, links = true }: Props) {
  const geometry = narrow.value ? NARROW : WIDE;
  const { hosts, flow, mode } = picture;
  // Without a witness there is nothing above the hosts where they stand side by side.
  const top = links || !geometry.labels ? 0 : geometry.hosts[0].y - 12;
  const viewBox = `0 ${top} ${geometry.width} ${geometry.height - top}`;
  return (
    <svg class="picture" viewBox={viewBox} role="img" aria-label={describePicture(picture, messages.value)}>
      {links && <Links picture={picture} geometry={geometry} />}
      <FlowArrow line={geometry.flow} flow={flow} mode={mode} labels={geometry.labels} />
      <HostCard host={hosts[0]} box={geometry.hosts[0]} votes={links} />
      <HostCard host={hosts[1]} box={geometry.hosts[1]} votes={links} />
      {links && <Witness vote={picture.witnessVote} geometry={geometry} />}
      <Vip picture={picture} geometry={geometry} />
    </svg>
  );
}

function Links({ picture: { links }, geometry }: { picture: PairPicture; geometry: Geometry }) {
  const { links: words, witnessLinks } = messages.value.picture;
  return (
    <g>
      <LinkLine
        line={geometry.hostLink}
        state={links.hosts}
        label={geometry.labels ? words[links.hosts] : null}
      />
      <LinkLine
        line={geometry.witnessLinks[0]}
        state={links.witness[0]}
        title={witnessLinks[links.witness[0]]}
      />
      <LinkLine
        line={geometry.witnessLinks[1]}
        state={links.witness[1]}
        title={witnessLinks[links.witness[1]]}
      />
    </g>
  );
}

function Witness({ vote, geometry: { witness } }: { vote: number | null; geometry: Geometry }) {
  const { x, y, width, height } = witness;
  return (
    <g class="witness">
      <rect x={x} y={y} width={width} height={height} rx={height / 2} />
      <text x={x + width / 2} y={y + 25} class="witness-name">
        {messages.value.picture.witness}
      </text>
      <VotePill x={x + width / 2} y={y + 43} vote={vote} />
    </g>
  );
}

/** One VIP that moves to whoever has it; a second one only where both have it. */
function Vip({ picture: { vip }, geometry }: { picture: PairPicture; geometry: Geometry }) {
  const words = messages.value.picture;
  const both = vip.on[0] && vip.on[1];
  const boxes = both ? geometry.vip : [geometry.vip[vip.on[1] ? 1 : 0]];
  const nowhere = !vip.on[0] && !vip.on[1];
  const tone = both || nowhere ? 'bad' : 'good';
  return (
    <g>
      {(nowhere ? [geometry.vipNowhere] : boxes).map(({ x, y, width, height }, index) => (
        <g key={index === 0 ? 'vip' : 'second'} class={`vip tone-${tone}`} transform={`translate(${x} ${y})`}>
          {!nowhere && (
            <line class="vip-tie" x1={width / 2} y1={geometry.labels ? -26 : -18} x2={width / 2} y2={0} />
          )}
          <rect width={width} height={height} rx={8} />
          <text x={width / 2} y={height / 2 + 5}>
            {nowhere ? words.vipNowhere : `${words.vip} ${vip.address}`}
          </text>
          {geometry.labels && !nowhere && (
            <g class="clients">
              <path d={`M${width / 2} ${height + 16} v-14 m-5 6 l5 -6 l5 6`} />
              <text x={width / 2} y={height + 31}>
                {words.clients}
              </text>
            </g>
          )}
        </g>
      ))}
    </g>
  );
}
