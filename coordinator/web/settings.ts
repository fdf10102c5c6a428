/** Language and theme: as the browser says, until somebody chooses; a choice is kept in this browser. */

import { computed, effect, signal } from '@preact/signals';
import { en, type Messages } from './i18n/en.ts';
import { zh } from './i18n/zh.ts';
import type { Language } from './model/units.ts';

export type Theme = 'system' | 'light' | 'dark';
export const LANGUAGES: Readonly<Record<Language, Messages>> = { en, zh };

export const language = signal<Language>(
  oneOf(['en', 'zh'], read('language'), navigator.language.startsWith('zh') ? 'zh' : 'en'),
);
export const theme = signal<Theme>(oneOf(['system', 'light', 'dark'], read('theme'), 'system'));
export const messages = computed(() => LANGUAGES[language.value]);

const narrowScreen = matchMedia('(max-width: 46rem)');
export const narrow = signal(narrowScreen.matches);
narrowScreen.addEventListener('change', ({ matches }) => {
  narrow.value = matches;
});

/** Colours come from the style sheet; a plot, which is drawn, reads them anew when this changes. */
const darkScreen = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(darkScreen.matches);
darkScreen.addEventListener('change', ({ matches }) => {
  systemDark.value = matches;
});
export const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'));

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset['theme'] = theme.value;
});

export function choose(choice: { readonly language: Language } | { readonly theme: Theme }): void {
  if ('language' in choice) language.value = choice.language;
  else theme.value = choice.theme;
  for (const [key, value] of Object.entries(choice)) write(key, value);
}

function oneOf<T extends string>(known: readonly T[], found: string | null, otherwise: T): T {
  return known.find((one) => one === found) ?? otherwise;
}

/** A browser may keep nothing at all. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(`hotpair.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`hotpair.${key}`, value);
  } catch {
    // It is asked for again next time.
  }
}
