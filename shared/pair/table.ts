/**
 * What a guard decides, as numbered rows: of the rows of the node's phase, the first whose condition holds counts. The
 * reason is the log line. Every row can be repeated until it succeeds: it is written for what is, not for what was done.
 */

import { BALLOTING } from './table/balloting.ts';
import { FOLLOWING } from './table/following.ts';
import { HANDING_OVER } from './table/handing-over.ts';
import { LOSING } from './table/losing.ts';
import { OPENING } from './table/opening.ts';
import type { Row } from './table/row.ts';
import { STANDING_BY } from './table/standing-by.ts';
import { RESTING, SYNC_AND_SOLO } from './table/sync-and-solo.ts';
import { TAKING_OVER } from './table/taking-over.ts';
import { VOTES } from './table/votes.ts';
import { WAY_BACK } from './table/way-back.ts';

export type { Row } from './table/row.ts';

export const ROWS: readonly Row[] = [
  ...LOSING,
  ...FOLLOWING,
  ...BALLOTING,
  ...OPENING,
  ...HANDING_OVER,
  ...SYNC_AND_SOLO,
  ...VOTES,
  ...WAY_BACK,
  ...STANDING_BY,
  ...TAKING_OVER,
  ...RESTING,
];
