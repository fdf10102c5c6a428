/** The picture of a pair in words, for those who do not see it. Pure. */

import type { Messages } from '../i18n/en.ts';
import type { HostPicture, PairPicture } from '../model/picture.ts';
import { phaseWords } from './words.ts';

export function describePicture(picture: PairPicture, messages: Messages): string {
  const { hosts, links, vip, flow, mode, witnessVote } = picture;
  const { picture: words, modes } = messages;
  const holders = hosts.filter((_, index) => vip.on[index]).map(({ name }) => name);
  const between = hosts.map(({ name }) => name).join(' – ');
  return [
    ...hosts.map((host) => describeHost(host, messages)),
    holders.length === 0 ? words.vipNowhere : `${words.vip} ${vip.address}: ${holders.join(', ')}`,
    flow === null
      ? ''
      : `${hosts[flow.from].name} → ${hosts[flow.from === 0 ? 1 : 0].name}: ${words.flows[flow.state]}`,
    mode === null ? modes.none : modes[mode],
    `${between}: ${words.links[links.hosts]}`,
    ...hosts.map(({ name }, index) => `${name}: ${words.witnessLinks[links.witness[index] ?? 'unknown']}`),
    `${words.witness}: ${words.votes(witnessVote)}`,
  ]
    .filter((part) => part !== '')
    .join('. ');
}

function describeHost({ name, role, phase, server, vote }: HostPicture, messages: Messages): string {
  const { roles, server: servers, votes } = messages.picture;
  const state = phaseWords(phase, messages);
  return [`${name}: ${roles[role]}`, state, servers[server], votes(vote)]
    .filter((part) => part !== '')
    .join(', ');
}
