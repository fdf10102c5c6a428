/** host-read: what a preflight must know of a host; works where there is neither a database nor keepalived. */

import type { HostFacts } from '../../shared/model/facts.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { defineAction } from './action.ts';

export const hostRead = defineAction<'host-read', HostFacts>({
  resources: () => [],
  check: (host, params) => readHostFacts(host, params),
  facts: (facts) => facts,
});
