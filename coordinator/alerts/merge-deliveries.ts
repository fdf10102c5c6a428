/**
 * Many pairs with the same trouble at the same time (a switch, the coordinator's own network) are one message to people, not a
 * hundred: chat groups refuse so many, and nobody reads them. Programs get each. Pure.
 */

import type { ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { Delivery } from '../store/alerts.ts';

/** So many of one rule are told one by one. */
const ONE_BY_ONE = 3;
const PROGRAMS: readonly ReceiverSpec['format'][] = ['webhook', 'pagerduty'];

export function mergeDeliveries(
  deliveries: readonly Delivery[],
  receivers: readonly ReceiverSpec[],
): readonly Delivery[] {
  const programs = new Set(
    receivers.filter(({ format }) => PROGRAMS.includes(format)).map(({ name }) => name),
  );
  const groups = Map.groupBy(deliveries, (one) =>
    programs.has(one.receiver) ? one : [one.receiver, one.message.kind, one.message.rule].join('/'),
  );
  return [...groups.values()].flatMap((same) => {
    const [first, ...rest] = same;
    if (first === undefined || same.length <= ONE_BY_ONE) return same;
    const own = first.message.params.pair;
    const also = [...new Set(rest.map(({ message }) => message.params.pair))].filter((pair) => pair !== own);
    return [{ ...first, message: { ...first.message, also } }];
  });
}
