/** address-read: the addresses of the host, as ip(8) shows them. */

import type { Address } from '../../shared/model/facts.ts';
import { readAddresses } from '../host/addresses.ts';
import { defineAction } from './action.ts';

export const addressRead = defineAction<'address-read', readonly Address[]>({
  resources: () => [],
  check: (host) => readAddresses(host.signal),
  facts: (addresses) => ({ addresses }),
});
