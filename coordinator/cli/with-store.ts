/** The store, opened for one command beside the daemon or without it. */

import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Cli } from './frame.ts';

export function withStore<T>(cli: Cli, spec: HotpairSpec, work: (store: Store) => T): T {
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    return work(store);
  } finally {
    store.close();
  }
}
