/** Play, pause and steps of a replay. It plays as slowly as it takes to follow, and stops at the end. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { type ReplayStep, stayMs } from '../model/replay.ts';
import { offset } from '../model/units.ts';
import { messages } from '../settings.ts';

interface Props {
  readonly steps: readonly ReplayStep[];
  readonly at: number;
  readonly go: (at: number) => void;
}

export function Player({ steps, at, go }: Props) {
  const { outage: words } = messages.value;
  const [playing, setPlaying] = useState(false);
  const last = steps.length - 1;
  // What the daemon tells meanwhile draws the page anew, which must not wind the clock back.
  const forward = useRef(go);
  forward.current = go;
  useEffect(() => {
    if (!playing) return;
    if (at >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => forward.current(at + 1), stayMs(steps[at + 1], 1));
    return () => clearTimeout(timer);
  }, [playing, at, last]);
  const jump = (to: number): void => {
    setPlaying(false);
    go(Math.min(last, Math.max(0, to)));
  };
  const toggle = (): void => {
    if (!playing && at >= last) go(0);
    setPlaying(!playing);
  };
  return (
    <div class="player">
      <button type="button" aria-label={words.first} onClick={() => jump(0)}>
        «
      </button>
      <button type="button" aria-label={words.previous} disabled={at === 0} onClick={() => jump(at - 1)}>
        ‹
      </button>
      <button type="button" class="primary" onClick={toggle}>
        {playing ? words.pause : words.play}
      </button>
      <button type="button" aria-label={words.next} disabled={at === last} onClick={() => jump(at + 1)}>
        ›
      </button>
      <input
        type="range"
        {...{ name: 'step', min: 0, max: last, value: at }}
        aria-label={words.position}
        aria-valuetext={words.step(at + 1, steps.length)}
        onInput={({ currentTarget }) => jump(Number(currentTarget.value))}
      />
      <output class="offset">{offset(steps[at]?.offsetMs ?? 0)}</output>
    </div>
  );
}
