// The report as a real Chromium shows it: whole, on a desk and on a phone, with nothing to load and nothing to run.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'tap';
import { judgeHealth } from '../../../coordinator/report/health.ts';
import { renderReport } from '../../../coordinator/report/rendered-report.ts';
import { noBrowser, openPage, startBrowser } from '../../support/browser.ts';
import { serverDown } from '../../support/make-heartbeat.ts';
import { makeReadings, NOW } from '../../support/make-readings.ts';
import { makeTrend } from '../../support/make-trend.ts';

const orders = makeReadings({ db1: serverDown('db1', { time: NOW }), trend: makeTrend(3e9) });
const stock = { ...makeReadings({ trend: makeTrend() }) };
const pairs = [orders, { ...stock, pair: { ...stock.pair, name: 'stock' } }];
const report = judgeHealth(pairs, { time: NOW, timezone: 'Asia/Shanghai', missed: [] });

const SAID = {
  en: { verdict: /^CRITICAL: 2 pairs; critical: orders; healthy: stock\./, picture: /: highest / },
  zh: { verdict: /^严重：共 2 组双机；严重：orders；正常：stock。/, picture: /: 最高 / },
} as const;

for (const [device, width, language] of [
  ['a desk', 1280, 'en'],
  ['a phone', 360, 'en'],
  ['a phone, in Chinese', 360, 'zh'],
] as const)
  test(`it fits ${device}, its pictures are there, and it asks for nothing`, {
    skip: noBrowser,
  }, async (t) => {
    const { html } = renderReport(report, language);
    const file = pathToFileURL(join(t.testdir({ 'report.html': html }), 'report.html')).href;
    const page = await openPage(t, await startBrowser(t), { viewport: { width, height: 800 } });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(file);
    t.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, 'no wider');
    const shown = await page.evaluate('[...document.images].map((one) => [one.naturalWidth, one.alt])');
    t.equal((shown as unknown[]).length, 6);
    for (const picture of shown as [number, string][]) t.match(picture, [1280, SAID[language].picture]);
    t.match(await page.locator('body').innerText(), SAID[language].verdict);
    t.strictSame(
      asked.filter((url) => url !== file && !url.startsWith('data:')),
      [],
    );
  });
