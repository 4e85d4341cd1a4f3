import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Control, startControl } from '../../../sandbox/control.ts';
import { buildGithubPage } from '../../../sandbox/github/build-github-page.ts';
import { githubRoutes } from '../../../sandbox/github/github-routes.ts';
import { inBrowser } from '../page/in-browser.ts';
import { openRaise, raised, shop, startTestGithub, type TestGithub } from './github-world.ts';

const pagePath = '/github/#/acme/shop/pull/1';

describe('the page of the repositories', () => {
  const shown = inBrowser(buildGithubPage);
  let page: Page;
  let github: TestGithub;
  let control: Control;

  beforeEach(async () => {
    ({ page } = shown);
    github = await startTestGithub();
    control = await startControl({ routes: githubRoutes(github), files: shown.files, port: 0 });
    return () => control.close();
  });

  test('waits with a friendly line, and shows a pull request as it is opened', async () => {
    await page.goto(`${control.url}/github/`);
    await page.getByText('No pull requests yet.').waitFor();

    await openRaise(github.installation);
    await page.getByRole('link', { name: 'checkout: memory limit 256Mi -> 512Mi' }).click();
    await page.getByRole('heading', { level: 1, name: 'checkout: memory limit 256Mi -> 512Mi #1' }).waitFor();

    expect(new URL(page.url()).hash).toBe('#/acme/shop/pull/1');
    expect(await page.getByRole('main').innerText()).toContain(
      'oomkeeper[bot] wants to merge oomkeeper/checkout into main',
    );
    expect(await page.title()).toContain('acme/shop#1');
    expect(shown.problems()).toEqual([]);
  });

  test('leads back to the messages', async () => {
    await page.goto(`${control.url}/github/`);

    expect(await page.getByRole('link', { name: 'To the messages' }).getAttribute('href')).toBe('/');
  });

  test('signs added and removed lines, and does not leave it to the colours', async () => {
    await openRaise(github.person);
    await page.goto(control.url + pagePath);

    const diff = page.getByRole('article', { name: 'apps/checkout.yaml' });
    await diff.waitFor();
    const rows = await diff.getByRole('row').allInnerTexts();

    const changed = rows.filter((row) => /memory/.test(row)).map((row) => row.replaceAll(/\s+/g, ' ').trim());
    expect(changed).toEqual([
      '14 - memory: 256Mi # as measured in May',
      '14 + memory: 512Mi # as measured in May',
      '16 - memory: 256Mi',
      '16 + memory: 512Mi',
    ]);
    const colourOf = (row: string): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${row}')).backgroundColor`);
    expect(await colourOf('.diff-added')).toBe('rgb(218, 251, 225)');
    expect(await colourOf('.diff-removed')).toBe('rgb(255, 235, 233)');
    expect(await page.getByText('1 file changed').innerText()).toContain('+2 -2');
  });

  test('merges by the keyboard as the person who was chosen, and shows that it is merged', async () => {
    await openRaise(github.person);
    await page.goto(control.url + pagePath);
    await page.getByRole('radio', { name: 'sam' }).check();

    await page.getByRole('button', { name: 'Merge pull request' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Merged into main by sam').waitFor();

    expect(github.control.files('acme/shop')['apps/checkout.yaml']).toBe(raised);
    expect(await page.getByRole('button', { name: 'Merge pull request' }).count()).toBe(0);
    expect(await page.getByRole('article', { name: 'apps/checkout.yaml' }).count()).toBe(1);
    expect(shown.problems()).toEqual([]);
  });

  test('closes without merging', async () => {
    await openRaise(github.person);
    await page.goto(control.url + pagePath);

    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Closed without merging by amira').waitFor();

    expect(github.control.pulls('acme/shop')).toMatchObject([{ state: 'closed', closed: { isMerged: false } }]);
    expect(github.control.files('acme/shop')['apps/checkout.yaml']).not.toBe(raised);
  });

  test('says why a pull request cannot be merged, and why a click came too late', async () => {
    await openRaise(github.person, 'oomkeeper/a');
    await openRaise(github.person, 'oomkeeper/b');
    await page.goto(control.url + pagePath.replace('/1', '/2'));
    github.control.push({ repo: 'acme/shop', files: { 'apps/checkout.yaml': raised.replaceAll('512', '640') } });
    await page.getByText('It cannot be merged: the base branch changed the same lines.').waitFor();
    const isDisabled = await page.getByRole('button', { name: 'Merge pull request' }).isDisabled();

    await page.route('**/github/close', async (route) => {
      github.control.close({ repo: 'acme/shop', number: 2, user: 'lena' });
      await route.continue();
    });
    await page.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('alert').getByText('was not closed: The pull request is closed already.').waitFor();
    expect(isDisabled).toBe(true);
  });

  test('shows what others wrote as text and Markdown, never as markup', async () => {
    const number = await openRaise(github.person);
    const body =
      '<!-- secret -->\n<img src=x onerror=alert(1)>\n\n**bold** [x](javascript:alert(1))\n\n```diff\n-a\n+b\n```\n\n- one';
    await github.person.rest.pulls.update({ ...shop, pull_number: number, title: '<b>hostile</b>', body });
    await page.goto(control.url + pagePath);

    const text = page.getByRole('article', { name: /^Description/ });
    await text.waitFor();

    expect(await text.innerText()).toContain('<img src=x onerror=alert(1)>');
    expect(await text.innerText()).not.toContain('secret');
    expect(await text.locator('img, a[href^="javascript"]').count()).toBe(0);
    expect(await text.locator('strong').innerText()).toBe('bold');
    expect(await text.getByRole('listitem').innerText()).toBe('one');
    expect(await text.locator('.diff-added, .diff-removed').allInnerTexts()).toEqual(['-a\n', '+b\n']);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('<b>hostile</b>');
  });

  test('says so where nothing is', async () => {
    await page.goto(`${control.url}/github/#/acme/shop/pull/7`);
    await page.getByText('There is no pull request acme/shop#7 in this sandbox.').waitFor();
    await page.getByRole('link', { name: 'All repositories' }).click();

    await page.getByRole('heading', { name: 'Pull requests' }).waitFor();

    expect(await page.getByRole('region', { name: 'acme/shop' }).count()).toBe(1);
  });

  test('follows the system theme until one is chosen, and reconnects when the sandbox was away', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${control.url}/github`);
    await page.getByText('live', { exact: true }).waitFor();
    const background = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const bySystem = await background();
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();

    const port = Number(new URL(control.url).port);
    await control.close();
    await page.getByText('reconnecting…').waitFor();
    await openRaise(github.person);
    control = await startControl({ routes: githubRoutes(github), files: shown.files, port });

    await page.getByRole('link', { name: /^checkout: memory limit/ }).waitFor();
    expect(bySystem).toBe('rgb(26, 29, 33)');
    expect(await background()).toBe('rgb(255, 255, 255)');
  });
});
