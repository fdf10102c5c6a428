/** The guard's decision that the cause of an outage is known from: whose, by which row, and why. */

import type { OutageView } from '../../../shared/api/history.ts';
import { messages } from '../settings.ts';
import { reasonWords } from './words.ts';

export function Because({ because }: { readonly because: NonNullable<OutageView['because']> }) {
  const { host, row, reason } = because;
  const { text, language } = reasonWords({ type: 'decision', row, text: reason }, messages.value);
  return (
    <span class="because">
      {host} <span class="row-id">{row}</span> <span lang={language}>{text}</span>
    </span>
  );
}
