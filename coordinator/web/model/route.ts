/** Where in the console one is: after the # of the address, so that links and the browser's own Back work. Pure. */

export type Place =
  | { readonly at: 'pairs' }
  | { readonly at: 'events' }
  | { readonly at: 'pair'; readonly pair: string }
  | { readonly at: 'runs'; readonly pair: string }
  | { readonly at: 'run'; readonly pair: string; readonly run: string }
  | { readonly at: 'config'; readonly pair: string }
  | { readonly at: 'outage'; readonly pair: string; readonly outage: string };

/** An address that means nothing is the list of pairs. */
export function parsePlace(hash: string): Place {
  const [first, pair, third, id] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodePart);
  if (first === 'events') return { at: 'events' };
  if (first !== 'pairs' || pair === undefined || pair === '') return { at: 'pairs' };
  const number = id !== undefined && /^\d+$/.test(id) ? id : null;
  if (third === 'outages' && number !== null) return { at: 'outage', pair, outage: number };
  if (third === 'runs') return number === null ? { at: 'runs', pair } : { at: 'run', pair, run: number };
  if (third === 'config') return { at: 'config', pair };
  return { at: 'pair', pair };
}

export function renderPlace(place: Place): string {
  if (place.at === 'pairs') return '#/';
  if (place.at === 'events') return '#/events';
  const pair = `#/pairs/${encodeURIComponent(place.pair)}`;
  if (place.at === 'pair') return pair;
  if (place.at === 'outage') return `${pair}/outages/${place.outage}`;
  return place.at === 'run' ? `${pair}/runs/${place.run}` : `${pair}/${place.at}`;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
