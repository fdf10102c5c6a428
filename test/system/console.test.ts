// A failover of a real pair, watched on the console's page in a real browser from healthy to healthy.
// Pictures of what was seen go to the folder CONSOLE_PICTURES, where it is set.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import tap, { type Test, test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import { startLoad } from '../lab/load/load.ts';
import { createLoadTable } from '../lab/load/tables.ts';
import { noBrowser, openPage, signIn, startBrowser } from '../support/browser.ts';
import { deployPair, follow, readStatus } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';
import { openDoor } from '../support/open-door.ts';
import { findFaults, watchShifts } from '../support/page-checks.ts';

const skip = needsLab() || noBrowser;
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const PORT = 8080;
const PICTURES = process.env['CONSOLE_PICTURES'];
/** Up to here https://web.dev/articles/cls calls a page good. */
const MOST_SHIFT = 0.1;

async function take(page: Page, name: string, fullPage = true): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage });
}

/** Everything that the page has told of the pair's grade and protection since. */
const WATCH_GRADE = `
  globalThis.told = [];
  const look = () => {
    const seen = ['.heading .grade', '.figures .figure-value'].map((one) => document.querySelector(one)?.textContent);
    const words = seen.join(' ');
    if (seen[0] !== undefined && words !== globalThis.told.at(-1)) globalThis.told.push(words);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
`;

test('a failover is watched from healthy to healthy', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab, { application: true });
  const { token } = await coordinator.documentOf('token', 'create', 'olga', '--role', 'operator');
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  const pair = readStatus(coordinator);
  const { primary, standby } = await pair.roles();
  await pair.inSync();
  const table = 'rows_of_the_load';
  const { account } = coordinator;
  await createLoadTable(lab.host(primary), { database: account.database, table });
  await using load = startLoad(lab.clientArgv, {
    ...{ ...account, table, host: lab.vip, connections: 4, gtid: true },
    historyFile: join(lab.directory, 'load.jsonl'),
  });
  await using door = await openDoor(lab, PORT);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, { colorScheme: 'light', locale: 'en-GB' });
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await signIn(page, door.url, String(token));
  await page.getByRole('link', { name: 'orders' }).click();
  const grade = page.locator('.heading .grade-healthy');
  const vipOn = (host: string) => page.locator(`.picture[aria-label*="VIP ${lab.vip}: ${host}"]`);
  const sync = page.locator('.figures .figure-value', { hasText: /^SYNC$/ });

  const seen = async (): Promise<void> => {
    await grade.waitFor();
    await sync.waitFor();
  };
  await vipOn(primary).waitFor();
  await seen();
  await page.locator('.plots figure canvas').first().waitFor();
  await take(page, 'healthy-before');

  const shifted = await watchShifts(page);
  await page.evaluate('globalThis.samePage = true');
  // The way back from the standby is opened last.
  await page.locator('.hosts:not(:has(dd.bad)) .error-line:empty').nth(1).waitFor({ state: 'attached' });
  await seen();
  await page.evaluate(WATCH_GRADE);
  await lab.host(primary).exec(['pkill', '-9', 'mariadbd']);
  await page.locator('.heading .grade:not(.grade-healthy)').waitFor();
  await vipOn(standby).waitFor();
  await take(page, 'failing');
  await seen();
  await vipOn(standby).waitFor();
  await page.locator('.outages li').first().waitFor();
  await take(page, 'healthy-after');
  const { value, moved } = await shifted();
  t.comment(`layout shift ${value.toFixed(4)}: ${moved.join('; ')}`);
  t.ok(value < MOST_SHIFT, `layout shift of ${value}`);
  await watchReplay(t, page, { primary, standby });
  await page.goBack();
  await seen();
  const told = (await page.evaluate('globalThis.told')) as string[];
  t.comment(told.join(' → '));
  t.match(told[0], /healthy.*SYNC/i);
  t.ok(
    told.some((words) => !/healthy/i.test(words)),
    'it was told while it lasted',
  );
  t.match(told.at(-1), /healthy.*SYNC/i);
  t.equal(await page.evaluate('globalThis.samePage'), true, 'the page was never loaded anew');
  t.same(sockets.length, 1, 'over one WebSocket that lasted');
  t.strictSame(await findFaults(page), []);

  const before = (await load.counters()).acknowledged;
  await waitFor(
    'rows that the new primary acknowledges',
    async () => ((await load.counters()).acknowledged > before ? true : undefined),
    { deadlineMs: 30_000 },
  );
  await look(t, browser, { url: door.url, token: String(token) });
});

/** The outage is on the page as soon as it is over, with its phases, and can be gone through step by step. */
async function watchReplay(
  t: Test,
  page: Page,
  { primary, standby }: { readonly primary: string; readonly standby: string },
): Promise<void> {
  await page
    .locator('.outages a', { hasText: `${primary} to ${standby}` })
    .first()
    .click();
  await page.locator('.lanes li').first().waitFor();
  await page.locator('.phases dt').first().waitFor(); // The decisions come with the next heartbeats.
  const phases = await page.locator('.phases dt').allTextContents();
  t.comment(`phases: ${await page.locator('.phases dl').innerText()}`.replaceAll(/\s+/g, ' '));
  t.ok(phases.includes('vote') && phases.includes('open'), `the phases of the takeover: ${phases}`);
  t.same((await page.locator('.lane-heads span').allTextContents()).slice(1), ['db1', 'db2', 'coordinator']);
  const reasons = await page.locator('.step-why').allTextContents();
  t.ok(
    reasons.length > 3 && reasons.every((reason) => reason.length > 10),
    `every step has its reason: ${reasons}`,
  );
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  const player = page.locator('.player input');
  const first = Number(await player.inputValue());
  await waitFor(
    'the replay to go on by itself',
    async () => (Number(await player.inputValue()) >= first + 2 ? true : undefined),
    { deadlineMs: 20_000 },
  );
  const end = await player.getAttribute('max');
  await page.evaluate('scrollTo(0, 0)');
  await take(page, 'replay', false);
  await player.fill(String(end));
  await page.locator(`.picture[aria-label*="${standby}: primary" i]`).waitFor();
  t.strictSame(await findFaults(page), [], 'the replay');
}

/** The same pair in the dark, on a phone and in Chinese. */
async function look(
  t: Test,
  browser: Browser,
  { url, token }: { url: string; token: string },
): Promise<void> {
  const phone = { viewport: { width: 390, height: 844 } };
  for (const [name, wish] of [
    ['dark', { colorScheme: 'dark', locale: 'en-GB' }],
    ['phone', { colorScheme: 'dark', locale: 'en-GB', ...phone }],
    ['chinese', { colorScheme: 'light', locale: 'zh-CN' }],
  ] as const) {
    const page = await openPage(t, browser, wish);
    await signIn(page, url, token);
    await page.getByRole('link', { name: 'orders' }).click();
    await page.locator('.heading .grade-healthy').waitFor();
    await page.locator('.plots figure canvas').first().waitFor();
    await take(page, name);
    t.strictSame(await findFaults(page), [], name);
    await page.locator('.outages a').first().click();
    await page.locator('.lanes li').first().waitFor();
    await take(page, `${name}-replay`);
    t.strictSame(await findFaults(page), [], `${name}, the replay`);
    await page.close();
  }
}
