/** The sentences of alerts in every language. A rule or a language that lacks a sentence does not compile. */

import type { AlertSeverity } from '../../shared/model/alerts-file.ts';
import type { Language } from '../../shared/model/language.ts';
import type { AlertParams, MessageKind } from './message.ts';
import type { AlertRuleId } from './rules.ts';
import { ENGLISH } from './words-en.ts';
import { CHINESE } from './words-zh.ts';

type Sentence = (params: AlertParams) => string;

export interface RuleWords {
  /** What happened. */
  readonly what: Sentence;
  /** What hotpair did, or does. */
  readonly did: Sentence;
  /** What is left for the person. */
  readonly left: Sentence;
  /** It is not so any more. */
  readonly over: Sentence;
}

export interface Words {
  readonly rules: Readonly<Record<AlertRuleId, RuleWords>>;
  readonly test: RuleWords;
  /** What stands before the title. */
  readonly kinds: Readonly<Record<Exclude<MessageKind, 'raised'>, string>>;
  readonly severities: Readonly<Record<AlertSeverity, string>>;
  /** `time` is written out already, `length` is how long ago. */
  readonly since: (time: string, length: string) => string;
  readonly lasted: (time: string, length: string) => string;
  readonly acknowledgedBy: (name: string) => string;
  /** A pair, and how many others. */
  readonly andMore: (pair: string, count: number) => string;
  readonly alsoTitle: string;
  readonly didTitle: string;
  readonly leftTitle: string;
  readonly acknowledge: (command: string) => string;
  /** A length of time. */
  readonly length: (ms: number) => string;
}

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, zh: CHINESE };
