/** The languages in which people are written to. */

import { type Static, Type } from 'typebox';

export const LanguageSchema = Type.Union([Type.Literal('en'), Type.Literal('zh')], {
  default: 'en',
  description: 'Language of the text: English, or 简体中文.',
});
export type Language = Static<typeof LanguageSchema>;
