/** What can be done with a pair: each button opens its plan and pre-checks, and does nothing by itself. */

import { useState } from 'preact/hooks';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { type Deed, type DeedName, maintenanceDeed } from '../model/checks.ts';
import { live, may } from '../session.ts';
import { messages } from '../settings.ts';
import { DeedDialog } from './deed-dialog.tsx';

const NAMES: readonly DeedName[] = ['switchover', 'drill', 'maintenance', 'report'];
const DAY_MS = 86_400_000;

export function Deeds({ pair }: { readonly pair: PairDetail }) {
  const { deeds: words } = messages.value;
  const [deed, setDeed] = useState<Deed | null>(null);
  const allowed = may('operator');
  const busy = live.value.jobs.some(
    (job) => job.pair === pair.name && job.state === 'running' && !job.dryRun,
  );
  const hint = allowed ? (busy ? words.busy : undefined) : words.needs('operator');
  return (
    <div class="deeds">
      {NAMES.map((name) => (
        <button
          key={name}
          type="button"
          disabled={!allowed || busy}
          title={hint}
          onClick={() => setDeed(deedOf(name, pair))}
        >
          {words.names[name]}
        </button>
      ))}
      {deed !== null && <DeedDialog pair={pair} initial={deed} onClose={() => setDeed(null)} />}
    </div>
  );
}

function deedOf(command: DeedName, pair: PairDetail): Deed {
  if (command === 'maintenance') return { command, body: maintenanceDeed(pair) };
  if (command === 'report') return { command, body: { periodMs: DAY_MS } };
  return { command, body: {} };
}
