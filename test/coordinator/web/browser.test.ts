import type { Page } from 'playwright-core';
import { type Test, test } from 'tap';
import { noBrowser, openPage, signIn, startBrowser } from '../../support/browser.ts';
import { failing, healthy, openAlert, recordDeploy, recordFailover } from '../../support/console-scenes.ts';
import { makeAlerts } from '../../support/make-alerts.ts';
import { makeHeartbeat } from '../../support/make-heartbeat.ts';
import { findFaults, watchShifts } from '../../support/page-checks.ts';
import { serveApi } from '../../support/serve-api.ts';

const skip = noBrowser;

const vipOn = (page: Page, host: string) => page.locator(`.picture[aria-label*="10.88.0.10: ${host}"]`);

test('signing in: a wrong token is told, a right one is kept for the tab and stands in no address', {
  skip,
}, async (t) => {
  const api = await serveApi(t);
  const page = await openPage(t, await startBrowser(t));
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(api.url);
  await page.locator('#token').fill('hp1_wrong');
  await page.keyboard.press('Enter');
  await page.locator('.refusal', { hasText: 'does not count' }).waitFor();
  await signIn(page, api.url, api.tokens.viewer);
  await page.getByRole('link', { name: 'orders' }).click();
  await page.locator('.picture').waitFor();
  t.ok(await page.getByRole('button', { name: 'Switchover' }).isDisabled(), 'a viewer only looks');
  await page.reload();
  await page.locator('.picture').waitFor();
  t.notOk(
    asked.some((url) => url.includes(api.tokens.viewer)),
    'in no address',
  );
  t.ok(
    asked.every((url) => new URL(url).host === new URL(api.url).host),
    'nothing comes from elsewhere',
  );
  t.match(await page.evaluate(() => Object.keys(localStorage)), [], 'nothing stays after the tab');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('#token').waitFor();
  t.equal(await page.evaluate(() => sessionStorage.length), 0);
  const policy = (await fetch(api.url)).headers.get('content-security-policy') ?? '';
  t.match(policy, "script-src 'self'");
  t.notMatch(policy, 'unsafe');
});

test('a failover is seen while it happens, and nothing moves on the page but the VIP', {
  skip,
}, async (t) => {
  const api = await serveApi(t);
  healthy(api.agents);
  const page = await openPage(t, await startBrowser(t));
  await signIn(page, api.url, api.tokens.viewer);
  await page.goto(`${api.url}/#/pairs/orders`);
  await vipOn(page, 'db1').waitFor();
  await page.locator('.plots figure canvas').first().waitFor();
  const shifted = await watchShifts(page);
  failing(api.agents);
  await vipOn(page, 'db2').waitFor();
  await page.locator('.finding-critical').first().waitFor();
  t.match(await page.locator('.mode-solo').first().textContent(), 'SOLO');
  const { value, moved } = await shifted();
  t.ok(value < 0.02, `layout shift of ${value}: ${moved}`);
});

test('a daemon that is away is told, and the page is live again by itself', { skip }, async (t) => {
  const api = await serveApi(t, {
    change: (spec) => ({
      ...spec,
      coordinator: {
        ...spec.coordinator,
        listen: { host: '127.0.0.1', port: 20_000 + (process.pid % 20_000) },
      },
    }),
  });
  healthy(api.agents);
  const page = await openPage(t, await startBrowser(t));
  await signIn(page, api.url, api.tokens.viewer);
  await page.goto(`${api.url}/#/pairs/orders`);
  await page.locator('.live-live').waitFor();
  const back = api.restart();
  await page.locator('.live-stale').waitFor();
  await back;
  await page.locator('.live-live').waitFor();
  api.agents.say('db1', (time) => makeHeartbeat('db1', { time, primary: false, vip: false }));
  api.agents.say('db2', (time) => makeHeartbeat('db2', { time, primary: true, vip: true }));
  await vipOn(page, 'db2').waitFor();
  t.pass('what happens now is shown again');
});

test('a command shows its plan, its pre-checks and a dry run before its button works', {
  skip,
}, async (t) => {
  const api = await serveApi(t);
  healthy(api.agents);
  api.agents.obey('db2', () => ({ accepted: true, text: 'db2 is left to you.' }));
  const page = await openPage(t, await startBrowser(t));
  await signIn(page, api.url, api.tokens.operator);
  await page.goto(`${api.url}/#/pairs/orders`);
  await vipOn(page, 'db1').waitFor();
  await page.getByRole('button', { name: 'Maintenance' }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.locator('.outcome-good').waitFor();
  t.equal(await dialog.locator('.check-bad').count(), 0);
  t.ok((await dialog.locator('.plan li').count()) > 2);
  t.strictSame(await findFaults(page), []);
  t.notMatch(api.agents.called, ['db2 maintenance'], 'nothing was asked of the guard');
  await dialog.getByRole('button', { name: 'Leave db2 to me' }).click();
  await dialog.getByText('Done.').waitFor();
  t.ok(api.agents.called.includes('db2 maintenance'));
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.locator('.jobs').getByText('succeeded').first().waitFor();
});

test('an open alert is on the list and on its pair, and is taken on behind a confirmation', {
  skip,
}, async (t) => {
  const api = await serveApi(t, { change: (spec) => ({ ...spec, alerts: makeAlerts() }) });
  failing(api.agents);
  openAlert(api.store);
  const page = await openPage(t, await startBrowser(t));
  await signIn(page, api.url, api.tokens.operator);
  await page.locator('.open-alerts').getByRole('link', { name: 'orders' }).first().click();
  const alert = page.locator('.attention .finding').first();
  await alert.getByRole('button', { name: 'Acknowledge' }).click();
  const dialog = page.locator('dialog[open]');
  t.strictSame(await findFaults(page), []);
  t.equal(api.store.alerts.open()[0]?.acknowledgedBy, null, 'asking changes nothing');
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await alert.getByText('taken on by otto').waitFor();
  t.equal(await alert.getByRole('button').count(), 0);
  t.equal(api.store.alerts.open()[0]?.acknowledgedBy, 'otto');
});

for (const [colorScheme, locale] of [
  ['light', 'en-GB'],
  ['dark', 'en-GB'],
  ['light', 'zh-CN'],
  ['dark', 'zh-CN'],
] as const)
  test(
    `axe finds nothing: ${colorScheme}, ${locale}`,
    { skip },
    async (t) => await lookAtAll(t, { colorScheme, locale }),
  );

async function lookAtAll(t: Test, look: { colorScheme: 'light' | 'dark'; locale: string }): Promise<void> {
  const api = await serveApi(t, { change: (spec) => ({ ...spec, alerts: makeAlerts() }) });
  const outage = recordFailover(api.store);
  const run = recordDeploy(api.store);
  openAlert(api.store);
  const phone = look.colorScheme === 'dark' ? { viewport: { width: 390, height: 844 } } : {};
  const page = await openPage(t, await startBrowser(t), { ...look, ...phone, reducedMotion: 'reduce' });
  await page.goto(api.url);
  await page.locator('#token').waitFor();
  t.strictSame(await findFaults(page), [], 'signing in');
  failing(api.agents);
  await signIn(page, api.url, api.tokens.operator);
  for (const [place, sign] of [
    ['', '.open-alerts'],
    ['pairs/orders', '.finding-critical'],
    [`pairs/orders/outages/${outage}`, '.lanes'],
    ['pairs/orders/runs', '.runs li'],
    [`pairs/orders/runs/${run}`, '.journal-failed'],
    ['pairs/orders/config', '.host-panel'],
    ['events', '.events li'],
  ] as const) {
    await page.goto(`${api.url}/#/${place}`);
    await page.locator(sign).first().waitFor();
    t.strictSame(await findFaults(page), [], place);
    const wider = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    t.ok(wider <= 0, `${place} is ${wider} px too wide`);
  }
}
