/** How a pair is, in a word with a sign of its own shape: not by colour alone. */

import type { GradeView } from '../../../shared/api/pair-view.ts';
import { messages } from '../settings.ts';

const SIGNS: Readonly<Record<GradeView, string>> = {
  critical: '✕',
  attention: '!',
  undeployed: '–',
  healthy: '✓',
};

export function Grade({ grade }: { readonly grade: GradeView }) {
  return (
    <span class={`grade grade-${grade}`}>
      <span class="sign" aria-hidden="true">
        {SIGNS[grade]}
      </span>
      {messages.value.grades[grade]}
    </span>
  );
}
