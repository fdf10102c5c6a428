// How long the address has been away from a host that may hold it.
import pino from 'pino';
import { test } from 'tap';
import { AddressKeeper } from '../../../agent/guard/address-keeper.ts';
import type { Permit } from '../../../agent/guard/permit.ts';
import type { VipWatch } from '../../../agent/guard/vip.ts';

test('the address is lost where it was under this permit, and is no more', async (t) => {
  const now = performance.now();
  const lost = (vip: VipWatch['view'], permit: Pick<Permit, 'granted' | 'since'>): number =>
    new AddressKeeper({ view: vip } as VipWatch, permit as Permit, pino({ level: 'silent' })).lostMs;
  const permit = { granted: true, since: now - 60_000 };
  t.ok(lost({ present: false, since: now - 4000 }, permit) >= 4000);
  t.equal(lost({ present: true, since: now - 4000 }, permit), 0, 'it is here');
  t.equal(lost({ present: false, since: now - 90_000 }, permit), 0, 'it never came under this permit');
  t.equal(
    lost({ present: false, since: now - 4000 }, { ...permit, granted: false }),
    0,
    'it may not be here',
  );
});
