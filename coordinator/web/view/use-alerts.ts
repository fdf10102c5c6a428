/** The open alerts of a pair, or of all: read anew when one was told, taken on or is over, and now and then. */

import { useEffect, useState } from 'preact/hooks';
import type { AlertView } from '../../../shared/api/alerts.ts';
import { live, session } from '../session.ts';
import { type Reading, useReading } from './use-reading.ts';

const ANEW_MS = 30_000;
const KINDS: readonly string[] = ['AlertRaised', 'AlertAcknowledged', 'AlertCleared'];

export interface Alerts extends Reading<readonly AlertView[]> {
  readonly readAnew: () => void;
}

/** `pair` null: of all pairs and of the coordinator. */
export function useAlerts(pair: string | null): Alerts {
  const [count, setCount] = useState(0);
  const readAnew = (): void => setCount((before) => before + 1);
  useEffect(() => {
    const timer = setInterval(readAnew, ANEW_MS);
    return () => clearInterval(timer);
  }, []);
  const told = live.value.events.find(({ kind }) => KINDS.includes(kind))?.id;
  const { value, error } = useReading(() => session.peek()?.client.alerts(), [told, count]);
  const own = pair === null ? value : (value?.filter((alert) => alert.pair === pair) ?? null);
  return { value: own, error, readAnew };
}
