/** Something read from the daemon for a component: read anew when `keys` change, the last answer stays until then. */

import { useEffect, useState } from 'preact/hooks';

export interface Reading<T> {
  readonly value: T | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
}

export function useReading<T>(read: () => Promise<T> | undefined, keys: readonly unknown[]): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ value: null, error: null });
  useEffect(() => {
    let wanted = true;
    read()?.then(
      (value) => wanted && setReading({ value, error: null }),
      (error: unknown) =>
        wanted &&
        setReading(({ value }) => ({ value, error: error instanceof Error ? error.message : String(error) })),
    );
    return () => {
      wanted = false;
    };
  }, keys);
  return reading;
}
