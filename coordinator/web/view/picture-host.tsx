/** A host in the picture: its name, role, state, server, vote and lease. */

import type { Box } from '../model/geometry.ts';
import type { HostPicture } from '../model/picture.ts';
import { messages } from '../settings.ts';
import { VotePill } from './picture-vote.tsx';
import { phaseWords } from './words.ts';

interface Props {
  readonly host: HostPicture;
  readonly box: Box;
  readonly votes: boolean;
}

const BADGE_WIDTH = 112;

export function HostCard({ host, box, votes }: Props) {
  const { x, y, width, height } = box;
  const words = messages.value.picture;
  const { role, server, lease } = host;
  return (
    <g class={`host role-${role}`} transform={`translate(${x} ${y})`}>
      <rect class="host-card" width={width} height={height} rx={12} />
      <text class="host-name" x={18} y={34}>
        {host.name}
      </text>
      <text class="host-address" x={18} y={54}>
        {host.address}
      </text>
      <g class="role-badge" transform={`translate(${width - BADGE_WIDTH - 14} 14)`}>
        <rect width={BADGE_WIDTH} height={26} rx={13} />
        <text x={BADGE_WIDTH / 2} y={18}>
          {words.roles[role]}
        </text>
      </g>
      <text class="host-phase" x={18} y={84}>
        {phaseWords(host.phase, messages.value)}
      </text>
      <circle class={`dot dot-${server}`} cx={23} cy={height - 31} r={5} />
      <text class="host-server" x={36} y={height - 26}>
        {words.server[server]}
      </text>
      {votes && <VotePill x={width - 52} y={height - 31} vote={host.vote} />}
      {votes && lease !== null && <Lease width={width} height={height} share={lease} />}
    </g>
  );
}

/** How much of the lease is left; it is full again several times a second. */
function Lease({ width, height, share }: { width: number; height: number; share: number }) {
  return (
    <g class="lease">
      <title>{messages.value.picture.lease}</title>
      <rect class="lease-all" x={18} y={height - 10} width={width - 36} height={4} rx={2} />
      <rect class="lease-left" x={18} y={height - 10} width={(width - 36) * share} height={4} rx={2} />
    </g>
  );
}
