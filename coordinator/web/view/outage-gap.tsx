/** How long nobody had the VIP in an outage; "at most" where the guards have not told both ends. */

import type { OutageView } from '../../../shared/api/history.ts';
import { duration } from '../model/units.ts';
import { language, messages } from '../settings.ts';

export function OutageGap({ outage: { gapMs, gapFrom } }: { readonly outage: OutageView }) {
  const { outage: words } = messages.value;
  if (gapMs === null) return <>{words.gapUnknown}</>;
  const length = duration(gapMs, language.value);
  return <>{gapFrom === 'guards' ? words.gap(length) : words.gapAtMost(length)}</>;
}
