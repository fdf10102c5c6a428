/** The simulated pairs: names, addresses and the user's file, each pair in a network of its own. Pure. */

/** All addresses of the simulated hosts; each is the own one of the namespace that the bench runs in. */
export const NETWORK = '10.64.0.0/12';
export const AGENT_PORT = 7933;
export const LISTEN_PORT = 7980;

/** none: no guard answers. linked: the witness is connected to each guard. voting: primaries ask it for their leases, too. */
export const GUARD_MODES = ['none', 'linked', 'voting'] as const;
export type GuardMode = (typeof GUARD_MODES)[number];

export interface SimulatedHost {
  readonly name: string;
  readonly address: string;
  /** The first host of a pair is its primary. */
  readonly primary: boolean;
}

export interface SimulatedPair {
  readonly name: string;
  readonly vip: string;
  readonly hosts: readonly [SimulatedHost, SimulatedHost];
}

const FIRST_NETWORK = 64;

export function simulatedPairs(count: number): SimulatedPair[] {
  return Array.from({ length: count }, (_, index) => {
    const network = `10.${FIRST_NETWORK + (index >> 8)}.${index & 255}`;
    const host = (letter: 'a' | 'b', last: number): SimulatedHost => ({
      ...{ name: `p${index}${letter}`, address: `${network}.${last}`, primary: letter === 'a' },
    });
    return { name: `p${index}`, vip: `${network}.10`, hosts: [host('a', 11), host('b', 12)] };
  });
}

export function renderFile(pairs: readonly SimulatedPair[], data: string): string {
  const blocks = pairs.map(({ name, vip, hosts: [a, b] }) =>
    [
      ...[`  ${name}:`, `    vip: ${vip}/24`, '    hosts:'],
      ...[a, b].map((host) => `      ${host.name}: { address: ${host.address}, interface: lo }`),
    ].join('\n'),
  );
  const coordinator = `{ listen: "127.0.0.1:${LISTEN_PORT}", data: ${data}, agent_port: ${AGENT_PORT} }`;
  return `pairs:\n${blocks.join('\n')}\ncoordinator: ${coordinator}\n`;
}
