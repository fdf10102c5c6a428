// What the console bench reads off a visit, with a page whose paint and shift are known.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'tap';
import { readTrace } from '../../bench/console/page-trace.ts';
import { visit } from '../../bench/console/visit.ts';
import { noBrowser, startBrowser } from '../support/browser.ts';

/** Paints, shows its sign, and pushes everything down a while after it was marked as settled. */
const PAGE = `<!doctype html><title>t</title><main></main><script>
  document.querySelector('main').innerHTML = '<h1>' + sessionStorage.getItem('word') + '</h1>';
  const settled = () => performance.getEntriesByType('mark').length > 0;
  const push = () => settled() ? document.body.insertAdjacentHTML('afterbegin', '<div style="height:300px"></div>') : setTimeout(push, 20);
  PUSHED && setTimeout(push, 20);
</script>`;

test('a visit tells when the page was painted, what it weighed and what moved', {
  skip: noBrowser,
}, async (t) => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(PAGE.replace('PUSHED', String(request.url === '/pushed')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await startBrowser(t);
  const wish = { stored: { word: 'hotpair' }, sign: 'h1:has-text("hotpair")', watchMs: 1500 };
  const still = await visit(browser, { ...wish, url: `${url}/still` });
  t.ok(still.firstPaintMs > 0 && still.contentMs >= still.firstPaintMs, JSON.stringify(still));
  t.ok(still.bytes > PAGE.length, `${still.bytes} bytes`);
  t.same([still.loadingShift, still.liveShift], [0, 0]);
  const pushed = await visit(browser, { ...wish, url: `${url}/pushed` });
  t.ok(pushed.liveShift > 0.01, `a page that was pushed down: ${pushed.liveShift}`);
  t.equal(pushed.loadingShift, 0);
});

test('times count from the beginning of the navigation, and a trace without a paint is no figure', (t) => {
  const event = (name: string, ts: number, data: object) => ({
    ...{ name, ts },
    args: { data: { navigationId: 'B', ...data } },
  });
  const mark = event('hotpair-settled', 909_000, { callTime: 909_000, startTime: 900 });
  const ofAnother = event('firstContentfulPaint', 10_000, { navigationId: 'A' });
  const trace = (...events: readonly object[]): string =>
    JSON.stringify({ traceEvents: [mark, ofAnother, ...events] });
  const [paint, content] = [
    event('firstContentfulPaint', 109_000, {}),
    event('largestContentfulPaint::Candidate', 309_000, {}),
  ];
  t.same(readTrace(trace(paint, content)), {
    ...{ firstPaintMs: 100, contentMs: 300 },
    ...{ loadingShift: 0, liveShift: 0 },
  });
  t.throws(() => readTrace(trace()), /no first paint/);
  t.throws(() => readTrace('{"traceEvents":[]}'), /no mark/);
  t.end();
});
