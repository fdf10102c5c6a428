/** What a command will do, step by step, and the conditions that the page itself can see. */

import type { PairDetail } from '../../../shared/api/pair-view.ts';
import type { Messages } from '../i18n/en.ts';
import { checksOf, type Deed } from '../model/checks.ts';
import { messages } from '../settings.ts';

interface Props {
  readonly deed: Deed;
  readonly pair: PairDetail;
  readonly checks: boolean;
}

export function DeedPlan({ deed, pair, checks: shown }: Props) {
  const { deeds: words } = messages.value;
  const checks = checksOf(deed, pair);
  return (
    <>
      <h3>{words.plan}</h3>
      <ol class="plan">
        {planOf(deed, pair, words).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
      {shown && checks.length > 0 && (
        <>
          <h3>{words.checks}</h3>
          <ul class="checks">
            {checks.map(({ name, ok, host }) => (
              <li key={name} class={ok ? 'check-ok' : 'check-bad'}>
                <span aria-hidden="true">{ok ? '✓' : '✕'}</span>
                <span>{words.checkNames[name](host)}</span>
                <span class="unseen">: {ok ? words.ok : words.notOk}</span>
              </li>
            ))}
          </ul>
          {checks.some(({ ok }) => !ok) && <p class="warn">{words.checksBad}</p>}
        </>
      )}
    </>
  );
}

/** The primary and the other host; of maintenance the host that it is about, and the other one. */
function hostsOf({ command, body }: Deed, pair: PairDetail): readonly [string, string] {
  const [a, b] = pair.hostNames;
  const first = command === 'maintenance' ? body.host : (pair.primary ?? a);
  return [first, first === a ? b : a];
}

function planOf(deed: Deed, pair: PairDetail, { plans }: Messages['deeds']): readonly string[] {
  const [first, second] = hostsOf(deed, pair);
  if (deed.command === 'report') return plans.report(pair.name);
  if (deed.command === 'maintenance' && !deed.body.on) return plans.maintenanceOff(first, second);
  return plans[deed.command](first, second);
}

export function performWords(deed: Deed, pair: PairDetail, { perform }: Messages['deeds']): string {
  const [first, second] = hostsOf(deed, pair);
  if (deed.command === 'maintenance' && !deed.body.on) return perform.maintenanceOff(first);
  return perform[deed.command](first, second);
}
