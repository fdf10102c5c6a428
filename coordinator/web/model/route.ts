/** Where in the console one is: after the # of the address, so that links and the browser's own Back work. Pure. */

export type Place =
  | { readonly at: 'pairs' }
  | { readonly at: 'events' }
  | { readonly at: 'pair'; readonly pair: string }
  | { readonly at: 'outage'; readonly pair: string; readonly outage: string };

/** An address that means nothing is the list of pairs. */
export function parsePlace(hash: string): Place {
  const [first, pair, third, outage] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodePart);
  if (first === 'events') return { at: 'events' };
  if (first !== 'pairs' || pair === undefined || pair === '') return { at: 'pairs' };
  if (third === 'outages' && outage !== undefined && /^\d+$/.test(outage))
    return { at: 'outage', pair, outage };
  return { at: 'pair', pair };
}

export function renderPlace(place: Place): string {
  if (place.at === 'pairs') return '#/';
  if (place.at === 'events') return '#/events';
  const pair = `#/pairs/${encodeURIComponent(place.pair)}`;
  return place.at === 'pair' ? pair : `${pair}/outages/${place.outage}`;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
