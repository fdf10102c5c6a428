/** What the daemon says, in the language of the page. Pure. */

import type { Language } from './units.ts';

/** The view with its sentences translated, where the daemon has sent them in that language. */
export function inLanguage<T extends { readonly translations: { readonly zh: object } }>(
  view: T,
  language: Language,
): T {
  return language === 'en' ? view : { ...view, ...view.translations[language] };
}

/** A headline beside the grade and the name of its pair does not say them again. */
export function withoutGrade(headline: string, pair: string): string {
  return headline
    .replace(/^(?:[A-Z]+: |(?:正常|需关注|严重)：)/, '')
    .replace(`${pair}: `, '')
    .replace(`${pair}：`, '');
}
