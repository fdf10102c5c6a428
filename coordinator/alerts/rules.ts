/** All alert rules by name, and the rules as a file has changed them. Pure. */

import type { RuleChange } from '../../shared/model/alerts-file.ts';
import { HOST_ALERT_RULES } from './host-alert-rules.ts';
import { PAIR_ALERT_RULES } from './pair-alert-rules.ts';
import type { AlertRule } from './rule.ts';

export const ALERT_RULES = { ...PAIR_ALERT_RULES, ...HOST_ALERT_RULES } as const;

export type AlertRuleId = keyof typeof ALERT_RULES;

/** The rules that count, with what the file says of them. */
export function rulesOf(changes: Readonly<Record<string, RuleChange>>): ReadonlyMap<string, AlertRule> {
  return new Map(
    Object.entries(ALERT_RULES).flatMap(([id, rule]): [string, AlertRule][] => {
      const { enabled = true, ...change } = changes[id] ?? {};
      return enabled ? [[id, { ...rule, ...change }]] : [];
    }),
  );
}
