/** Language and theme. */

import type { Language } from '../model/units.ts';
import { choose, LANGUAGES, language, messages, type Theme, theme } from '../settings.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function Preferences() {
  const { header } = messages.value;
  return (
    <div class="preferences">
      <select
        {...{ name: 'language', value: language.value }}
        aria-label={header.language}
        onChange={({ currentTarget }) => choose({ language: currentTarget.value as Language })}
      >
        {Object.entries(LANGUAGES).map(([code, { name }]) => (
          <option key={code} value={code} selected={code === language.value}>
            {name}
          </option>
        ))}
      </select>
      <select
        {...{ name: 'theme', value: theme.value }}
        aria-label={header.theme}
        onChange={({ currentTarget }) => choose({ theme: currentTarget.value as Theme })}
      >
        {THEMES.map((one) => (
          <option key={one} value={one} selected={one === theme.value}>
            {header.themes[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
