import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildGallery } from '../../sandbox/slack/build-gallery.ts';
import { browserMissing, launchBrowser } from '../browser.ts';
import { galleryData } from '../gallery/gallery-data.ts';
import { isLongWanted, tooLong } from '../long.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { keyboardOf, type Keyboard } from './keyboard.ts';
import { beginStory } from './story.ts';
import { writesOf } from './writes.ts';

/*
 * The way of a person through the demo, from the first thread to a fix that held, with nothing but a keyboard, on the page
 * of the pretend Slack and with the three processes behind it.
 */
const require = createRequire(import.meta.url);
const missing = isLongWanted ? browserMissing() : tooLong;
const phone = { width: 390, height: 844 };
const desk = { width: 1_200, height: 900 };

let system: System;
let browser: Browser;
let page: Page;
let keys: Keyboard;
let axe: string;
const problems: string[] = [];

beforeAll(async () => {
  if (missing !== null) return;
  [system, browser, axe] = await Promise.all([
    startSystem({
      world: { speed: 60, withPage: true },
      settings: { OOMKEEPER_CLUSTER: 'prod', OOMKEEPER_MODE: 'act' },
    }),
    launchBrowser(),
    readFile(require.resolve('axe-core/axe.min.js'), 'utf8'),
  ]);
  page = await browser.newPage({ viewport: desk, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(25_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (said) => {
    if (said.type() === 'error') problems.push(said.text());
  });
  keys = keyboardOf(page);
  await page.goto(system.world.addresses.pageUrl);
  await page.getByRole('log').waitFor();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (missing !== null) skip(missing);
});

const button = (within: Page | Locator, name: string | RegExp): Locator => within.getByRole('button', { name }).first();
const aboutPerson = (name: string): Locator => page.getByRole('radio', { name: new RegExp(`^${name}\\b`) });
const threadPane = (): Locator => page.getByRole('complementary', { name: 'Thread' });
const root = (name: string): Locator => page.getByRole('article').filter({ hasText: name }).first();

/** Rules of serious or critical impact that something on the page breaks, in the light and in the dark. */
async function serious(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    found.push(
      ...(await page.evaluate<string[]>(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
          violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => '${colorScheme} ' + id + ' ' + target + ' ' + failureSummary)))`,
      )),
    );
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  return found;
}

/** By the arrows of the group in which one chooses who one is. */
async function become(name: string): Promise<void> {
  await keys.to(page.getByRole('radio', { checked: true }));
  for (let presses = 0; presses < 3 && !(await aboutPerson(name).isChecked()); presses += 1)
    await keys.key('ArrowRight');
}

test('a thread comes, its evidence opens, and what is nearest to its limit can be asked', async () => {
  await beginStory(system.world, 'edited-value');
  await button(page, /Edit value…$/).waitFor();
  const onPage = await serious();

  await keys.press(button(root('profile'), /^\d+ repl/));
  await threadPane()
    .getByText(/evidence/)
    .first()
    .waitFor();
  const inThread = await serious();
  await keys.key('Escape');
  await keys.type(page.getByRole('combobox'), '/oom top prod');
  await keys.key('Enter');
  const table = page.getByRole('table').last();
  await table.getByText('members/profile').waitFor();
  await page.setViewportSize(phone);
  const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
  const bar = await page.getByRole('banner').first().boundingBox();
  await page.setViewportSize(desk);

  expect(onPage).toEqual([]);
  expect(inThread).toEqual([]);
  expect(widths).toEqual([phone.width, phone.width]);
  expect(bar?.height).toBeLessThan(40);
});

test('somebody who may not approve asks for another value and is refused; who may approves it, and it holds', async () => {
  await become('Sam');
  await keys.press(button(root('profile'), /Edit value…$/));
  const dialog = page.getByRole('dialog', { name: 'Edit value' });
  await keys.type(dialog.getByRole('textbox'), '512Mi');
  await dialog.getByText(/512Mi would mean/).waitFor();
  const inDialog = await serious();
  await keys.key('Enter');
  // The root may show it before Slack has closed the dialog, which keeps the focus until then.
  await dialog.waitFor({ state: 'detached' });
  await keys.press(button(root('profile'), /Approve$/));
  await keys.key('Enter');
  await keys.press(button(root('profile'), /only visible to you$/));
  const refusal = /^Only .* can approve this\. Nothing changed/;
  await threadPane().getByText(refusal).waitFor();
  const inChannel = await page.getByRole('main').getByText(refusal).count();
  await keys.key('Escape');
  await threadPane().waitFor({ state: 'detached' });
  const before = writesOf(system.world);

  await become('Amira');
  await keys.press(button(root('profile'), /Approve$/));
  await page.getByRole('dialog').waitFor();
  await keys.key('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.press(button(root('profile'), /Approve$/));
  await keys.key('Enter');
  await root('profile').getByText(/^Held/).waitFor();

  expect(inDialog).toEqual([]);
  expect(inChannel).toBe(0);
  expect(before).toEqual([]);
  expect(writesOf(system.world)).not.toEqual([]);
});

test('a pull request is opened from the thread, merged on its own page, and the thread follows it', async () => {
  const name = 'basket';
  await beginStory(system.world, 'pr-merged-held');
  await become('Amira');

  await keys.press(button(root(name), /Open fix PR/));
  await keys.key('Enter');
  const link = root(name).getByRole('link', { name: /#\d+/ }).first();
  await keys.to(link);
  const opened = page.context().waitForEvent('page');
  await keys.key('Enter');
  const forge = await opened;
  await keyboardOf(forge).press(forge.getByRole('button', { name: 'Merge pull request' }));
  await forge.getByText(/Merged into main by/).waitFor();
  await forge.close();
  await root(name).getByText(/^Held/).waitFor();

  expect(problems).toEqual([]);
});

test('what somebody asked for waits in the Home tab of who may approve it, who does so there; then it holds', async () => {
  const name = 'ledger';
  const home = page.getByRole('region', { name: 'Home' });
  const openHome = (): Promise<void> => keys.press(button(page.getByRole('navigation'), /Oomkeeper/));
  await beginStory(system.world, 'refused-then-approved');
  await button(root(name), /Apply .*$/).waitFor();
  await become('Sam');
  await keys.press(button(root(name), /Apply .*$/));
  await keys.key('Enter');
  await button(root(name), /Approve$/).waitFor();
  await openHome();
  await home
    .getByText(/Nothing is waiting for you|nothing is waiting for you|Open incidents/)
    .first()
    .waitFor();
  const forSam = await home.getByRole('button', { name: new RegExp(`^Approve .*${name}`) }).count();
  await become('Amira');
  const approve = home.getByRole('button', { name: new RegExp(`^Approve .*${name}`) });
  await approve.waitFor();
  const atHome = await serious();

  await keys.press(approve);
  await keys.key('Enter');
  await approve.waitFor({ state: 'detached' });
  await keys.press(button(page.getByRole('navigation'), /oom/));
  await root(name).getByText(/^Held/).waitFor();

  expect(forSam).toBe(0);
  expect(atHome).toEqual([]);
  expect(problems).toEqual([]);
});

test('the gallery draws every message in both themes', async () => {
  const files = await buildGallery(galleryData());
  const folder = 'http://gallery.invalid/';
  await page.route(`${folder}**`, async (route) => {
    const body = files.get(route.request().url().slice(folder.length));
    const contentType = route.request().url().endsWith('.css') ? 'text/css' : 'text/html';
    await route.fulfill(body === undefined ? { status: 404 } : { contentType, body: Buffer.from(body) });
  });
  await page.goto(`${folder}index.html`);
  await page.locator('.sample').last().waitFor();

  expect(await page.getByText('does not draw').count()).toBe(0);
  expect(await page.locator('.side[data-theme=dark] .message').count()).toBeGreaterThan(100);
  expect(problems).toEqual([]);
});
