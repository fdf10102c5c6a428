/** What the guard of a host says: its state, the reason of its last decision and the row, an order of the operator, a note. */

import type { HostView } from '../../../shared/api/pair-view.ts';
import { messages } from '../settings.ts';
import { phaseWords, reasonWords, wordFor } from './words.ts';

type Guard = NonNullable<HostView['guard']>;

export function GuardWords({ guard }: { readonly guard: Guard | null }) {
  const { host: words, picture } = messages.value;
  return (
    <>
      <p class="reason">
        <strong>{words.guard}:</strong> {guard === null ? words.noGuard : <Reason guard={guard} />}
      </p>
      {guard?.order != null && (
        <p class="order">
          {wordFor(picture.roles, guard.order.kind)}: <span lang="en">{guard.order.reason}</span>
        </p>
      )}
      {guard?.note != null && (
        <p class="order" lang="en">
          {guard.note}
        </p>
      )}
    </>
  );
}

function Reason({ guard: { phase, role, row, reason } }: { readonly guard: Guard }) {
  const { text, language } = reasonWords({ type: 'decision', row, text: reason }, messages.value);
  return (
    <>
      {phaseWords(phase, messages.value) || role} · <span lang={language}>{text}</span>{' '}
      <span class="row-id">{row}</span>
    </>
  );
}
