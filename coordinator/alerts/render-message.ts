/** An alert as people read it: a title, and text that says what, since when, what hotpair did and what is left. Pure. */

import type { Language } from '../../shared/model/language.ts';
import { localTime } from '../report/units.ts';
import type { AlertMessage } from './message.ts';
import { ALERT_RULES, type AlertRuleId } from './rules.ts';
import { type RuleWords, WORDS, type Words } from './words.ts';

const MOST_NAMES = 30;

export interface RenderedAlert {
  /** One line: how serious, which pair, what. */
  readonly title: string;
  readonly what: string;
  readonly since: string;
  /** Headings and sentences, most urgent first; none where it is over. */
  readonly parts: readonly { readonly title: string; readonly text: string }[];
  /** What to type, exactly; null where nothing is to be done. */
  readonly command: string | null;
  /** How it is acknowledged; null where there is nothing to acknowledge. */
  readonly footer: string | null;
}

/** `id` is the number of the alert, as coordinator alert list shows it. */
export function renderAlert(
  message: AlertMessage,
  id: number,
  language: Language,
  timezone: string,
): RenderedAlert {
  const words = WORDS[language];
  const { kind, params, since, time, by, also } = message;
  const own = wordsOf(message.rule, words);
  const over = kind === 'cleared';
  const what = over ? own.over(params) : own.what(params);
  const when = localTime(since, timezone, true);
  const asks = kind === 'raised' || kind === 'repeated' || kind === 'escalated';
  return {
    title: `${tag(message, words)} ${also.length === 0 ? params.pair : words.andMore(params.pair, also.length)}: ${what}`,
    what,
    since: (over ? words.lasted : words.since)(when, words.length(Math.max(0, time - since))),
    parts: [
      ...(also.length === 0 ? [] : [{ title: words.alsoTitle, text: namesOf(also) }]),
      ...(over
        ? []
        : [
            ...(by === null ? [] : [{ title: words.kinds.acknowledged, text: words.acknowledgedBy(by) }]),
            { title: words.didTitle, text: own.did(params) },
            { title: words.leftTitle, text: own.left(params) },
          ]),
    ],
    command: asks ? params.command : null,
    footer: asks ? words.acknowledge(`coordinator alert ${also.length === 0 ? `ack ${id}` : 'list'}`) : null,
  };
}

/** The first of them; the list has all. */
function namesOf(pairs: readonly string[]): string {
  const shown = pairs.slice(0, MOST_NAMES).join(', ');
  return pairs.length > MOST_NAMES ? `${shown}, …` : shown;
}

/** As plain text, the title not repeated. */
export function alertText({ what, since, parts, command, footer }: RenderedAlert): string {
  const sections = [
    `${what}\n${since}`,
    ...parts.map(({ title, text }) => `${title}: ${text}`),
    ...(command === null ? [] : [`    ${command}`]),
    ...(footer === null ? [] : [footer]),
  ];
  return sections.join('\n\n');
}

function tag({ kind, severity }: AlertMessage, words: Words): string {
  const serious = words.severities[severity];
  if (kind === 'raised') return `[${serious}]`;
  return kind === 'repeated' || kind === 'escalated'
    ? `[${words.kinds[kind]} ${serious}]`
    : `[${words.kinds[kind]}]`;
}

/** A rule of another version of the daemon has no words here: it is told as what it is called. */
function wordsOf(rule: string, words: Words): RuleWords {
  if (isRule(rule)) return words.rules[rule];
  const name = (): string => `${rule}.`;
  return rule === 'test' ? words.test : { what: name, did: name, left: name, over: name };
}

const isRule = (rule: string): rule is AlertRuleId => Object.hasOwn(ALERT_RULES, rule);
