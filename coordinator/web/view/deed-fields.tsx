/** What a command can be told before it is tried. */

import type { Deed } from '../model/checks.ts';
import { messages } from '../settings.ts';

export function DeedFields({ deed, change }: { readonly deed: Deed; readonly change: (deed: Deed) => void }) {
  const { deeds: words } = messages.value;
  if (deed.command === 'report') {
    return (
      <Choice
        {...{
          name: 'period',
          label: words.period,
          options: words.periods,
          value: String(deed.body.periodMs ?? ''),
        }}
        choose={(value) => change({ ...deed, body: { periodMs: Number(value) } })}
      />
    );
  }
  if (deed.command !== 'maintenance' || !deed.body.on) return null;
  const { host, on, forMs, reason } = deed.body;
  const told = {
    host,
    on,
    ...(forMs === undefined ? {} : { forMs }),
    ...(reason === undefined ? {} : { reason }),
  };
  return (
    <div class="fields">
      <Choice
        {...{ name: 'length', label: words.length, options: words.lengths, value: String(forMs ?? 0) }}
        choose={(value) => {
          const { forMs: _before, ...rest } = told;
          change({ ...deed, body: value === '0' ? rest : { ...rest, forMs: Number(value) } });
        }}
      />
      <label>
        {words.reason}
        <input
          {...{ name: 'reason', maxLength: 200, value: reason ?? '' }}
          onChange={({ currentTarget }) =>
            change({ ...deed, body: { ...told, reason: currentTarget.value || 'maintenance' } })
          }
        />
      </label>
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: Readonly<Record<string, string>>;
  readonly choose: (value: string) => void;
}

function Choice({ name, label, value, options, choose }: ChoiceProps) {
  return (
    <label>
      {label}
      <select name={name} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {Object.entries(options).map(([code, words]) => (
          <option key={code} value={code} selected={code === value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
