/** Words for what comes as a code: looked up in the catalogue, or what came where it is not of this version. Pure. */

import type { TimelineEntry } from '../../../shared/api/history.ts';
import type { Messages } from '../i18n/en.ts';
import { inLanguage } from '../model/in-language.ts';

export function wordFor(words: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code;
}

export function phaseWords(phase: string | null, messages: Messages): string {
  return phase === null ? '' : wordFor(messages.phases, phase);
}

/** What happened, or the reason of a decision, in the language of the page; else the daemon's own words, which are English. */
export function reasonWords(
  {
    type,
    row,
    text,
    translations = null,
  }: Pick<TimelineEntry, 'type' | 'row' | 'text'> & Partial<Pick<TimelineEntry, 'translations'>>,
  { reason, code }: Messages,
): { readonly text: string; readonly language: 'en' | undefined } {
  if (translations !== null)
    return { text: inLanguage({ text, translations }, code).text, language: undefined };
  const known = type === 'decision' && row !== null ? reason(row, text) : undefined;
  return known === undefined ? { text, language: 'en' } : { text: known, language: undefined };
}
