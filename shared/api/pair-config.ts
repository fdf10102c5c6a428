/** How a pair is meant to be: its part of hotpair.yaml, its last deploy, and what differs on the hosts. */

import { type Static, Type } from 'typebox';
import { RunViewSchema } from './history.ts';
import { DriftViewSchema } from './pair-view.ts';
import { nullable, strict } from './schema.ts';

export const PairConfigSchema = Type.Object(
  {
    pair: Type.String(),
    vip: Type.String(),
    protection: Type.Union([Type.Literal('availability'), Type.Literal('consistency')]),
    fence: Type.Union([Type.Literal('nftables'), Type.Literal('none')]),
    hosts: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          address: Type.String(),
          interface: Type.String(),
          drift: nullable(Type.Array(DriftViewSchema, { description: 'Null while the host does not say.' })),
        },
        strict,
      ),
    ),
    database: Type.Object(
      {
        flavor: Type.String(),
        port: Type.Integer(),
        settings: Type.Record(Type.String(), Type.String()),
        application: nullable(
          Type.Object({ database: Type.String(), user: Type.String(), from: Type.String() }, strict),
        ),
      },
      strict,
    ),
    vrrp: Type.Object({ virtualRouterId: Type.Integer(), advertIntervalMs: Type.Number() }, strict),
    lastDeploy: nullable(RunViewSchema),
  },
  strict,
);
export type PairConfig = Static<typeof PairConfigSchema>;
