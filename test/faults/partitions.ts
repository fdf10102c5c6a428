/** Cuts of the wires between the primary (A), the standby (B) and the witness (W). Clients reach both hosts always. */

import { nobodyWritableAfter, noVipFlap, recordsSolo, silentAfter, syncWithin } from './also.ts';
import type { Fault, Scene } from './fault.ts';

const W = 'operator';

/** Who does not reach whom: the names of the groups, made out of who is who. */
const cut =
  (groups: (a: string, b: string) => readonly (readonly string[])[]) =>
  async ({ stage, a, b }: Scene): Promise<void> =>
    void (await stage.lab.faults.partition(...groups(a.name, b.name)));

const oneWay =
  (ends: (a: string, b: string) => readonly [from: string, to: string]) =>
  async ({ stage, a, b }: Scene): Promise<void> =>
    void (await stage.lab.faults.dropOneWay(...ends(a.name, b.name)));

/** The primary goes on alone, and the pair is whole soon after. */
const alone = { failover: 'no', outageMs: 800, also: [noVipFlap, recordsSolo, syncWithin(5000)] } as const;

export const partitions: readonly Fault[] = [
  {
    id: '9',
    name: 'A | B,W: primary cut off',
    inject: cut((a, b) => [[a], [b, W]]),
    holdMs: 6000,
    expect: { failover: 'yes', outageMs: 1500, also: [silentAfter(900)] },
  },
  {
    id: '10',
    name: 'A,W | B: standby cut off',
    inject: cut((a, b) => [[a, W], [b]]),
    holdMs: 6000,
    expect: alone,
  },
  {
    id: '11',
    name: 'A | B | W for 20 s',
    inject: cut((a, b) => [[a], [b], [W]]),
    holdMs: 20_000,
    // Healed, whoever meets the witness first serves.
    expect: { failover: 'any', outageMs: null, meanwhile: 'down', also: [nobodyWritableAfter(1500)] },
  },
  {
    id: '12',
    name: 'A–B cut, both reach W',
    inject: cut((a, b) => [[a], [b]]),
    holdMs: 6000,
    expect: alone,
  },
  { id: '13', name: 'A→B lost', inject: oneWay((a, b) => [a, b]), holdMs: 6000, expect: alone },
  { id: '14', name: 'B→A lost', inject: oneWay((a, b) => [b, a]), holdMs: 6000, expect: alone },
  ...(
    [
      ['15a', 'A→W lost', (a) => [a, W]],
      ['15b', 'W→A lost', (a) => [W, a]],
      ['15c', 'B→W lost', (_a, b) => [b, W]],
      ['15d', 'W→B lost', (_a, b) => [W, b]],
    ] as const satisfies readonly [string, string, Parameters<typeof oneWay>[0]][]
  ).map(([id, name, ends]): Fault => {
    const expect = { failover: 'no', outageMs: 300, also: [noVipFlap] } as const;
    return { id, name, inject: oneWay(ends), holdMs: 6000, expect };
  }),
];
