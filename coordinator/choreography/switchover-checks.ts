/** What a switchover needs, looked at before anybody is asked: the guard has the last word all the same. Pure. */

import type { GuardState, VotingState } from '../../shared/model/facts.ts';
import type { Verdict } from '../../shared/model/verdict.ts';

interface Side {
  readonly name: string;
  readonly guard: GuardState | null;
  readonly voting: VotingState | null;
}

export function switchoverChecks(from: Side, to: Side): readonly Verdict[] {
  return [
    check(from.guard?.role === 'primary', `${from.name} serves`, from),
    check(to.guard?.role === 'standby', `${to.name} stands by`, to),
    check(
      from.voting?.mode === 'sync',
      'commits wait for the standby',
      from,
      'Wait until the pair is in SYNC again.',
    ),
    check(
      to.voting?.promotable === true,
      `${to.name} could take over without losing a commit`,
      to,
      'Wait until it has received all that the primary has.',
    ),
    check(
      to.voting?.order == null,
      `nobody has ordered ${to.name} otherwise`,
      to,
      'Take the order back first.',
    ),
  ];
}

function check(ok: boolean, subject: string, { guard }: Side, remedy = 'See coordinator status.'): Verdict {
  const detail = guard?.reason ?? 'its guard does not answer';
  return ok ? { subject, ok, detail } : { subject, ok, detail, remedy };
}
