/** What an event says of the time without the VIP that it ends, by stamps and heartbeats alone. Pure. */

import { fits } from '../../shared/protocol/decode.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { type VipAbsence, VipAbsenceSchema } from '../watch/vip-absence.ts';

/** An event without the two ends tells the length alone, and ends it itself. */
export function toldAbsence({ time, data }: StoredEvent): VipAbsence {
  const { told, gapMs, missingMs } = data;
  if (fits(VipAbsenceSchema, told)) return told;
  const length = [gapMs, missingMs].find((ms) => typeof ms === 'number');
  return {
    began: length === undefined ? null : { at: time - length, by: 'heartbeat' },
    ended: { at: time, by: 'heartbeat' },
  };
}
