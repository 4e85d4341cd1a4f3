import { expect, test } from 'vitest';
import { message, mrkdwn } from './fixture-messages.ts';
import { type OnPage, rootTs } from './on-page.ts';

const chartFile = {
  id: 'F0CHART',
  name: 'usage.png',
  title: 'Memory of checkout',
  pretty_type: 'PNG',
  size: 18_000,
  alt_txt: 'Usage climbs to 256Mi and is cut off three times',
  shown_as: 'image',
  url: '/slack/file?id=F0CHART',
};
const logFile = {
  id: 'F0LOG',
  name: 'checkout.log',
  title: 'Last lines before the kill',
  pretty_type: 'Plain Text',
  size: 640,
  shown_as: 'text',
  url: '/slack/file?id=F0LOG',
  text: Array.from({ length: 12 }, (_, line) => `09:41:${10 + line} heap ${200 + 4 * line} MB <b>not bold</b>`).join(
    '\n',
  ),
  is_cut: true,
};

/** What a reader sees of files. */
export function testFiles(on: OnPage): void {
  test('shows a shared picture with its alternative text, and a text folded up as text', async () => {
    Object.assign(on.workspace.files, { F0CHART: chartFile, F0LOG: logFile });
    on.workspace.messages.push({ ...message(rootTs, [], 'evidence'), files: ['F0CHART', 'F0LOG', 'F0GONE'] });
    await on.open();

    const picture = on.page.getByRole('img', { name: chartFile.alt_txt });
    await picture.waitFor();
    const width = await on.page.evaluate<number>(
      'document.querySelector(".file-image img").decode().then(() => document.querySelector(".file-image img").naturalWidth)',
    );
    const snippet = on.page.locator('details', { hasText: 'Last lines before the kill' });
    const folded = await snippet.locator('pre').isVisible();
    await snippet.locator('summary').press('Enter');

    expect(width).toBe(420);
    expect(folded).toBe(false);
    expect(await snippet.innerText()).toContain('<b>not bold</b>');
    expect(await snippet.innerText()).toContain('The first 12 lines. Open checkout.log');
    expect(await on.page.getByRole('article').innerText()).toContain('This file was deleted.');
    expect(on.problems()).toEqual([]);
  });

  test('shows a picture block that names a file, and says when it is gone', async () => {
    Object.assign(on.workspace.files, { F0CHART: chartFile });
    const picture = (id: string, alt: string) => ({ type: 'image', slack_file: { id }, alt_text: alt });
    on.workspace.messages.push(message(rootTs, [picture('F0CHART', 'the chart'), picture('F0GONE', 'gone chart')]));
    await on.open();

    await on.page.getByRole('img', { name: 'the chart' }).waitFor();

    expect(await on.page.getByRole('img', { name: 'the chart' }).getAttribute('src')).toBe(chartFile.url);
    expect(await on.page.getByRole('article').innerText()).toContain('gone chart (the file is gone)');
  });

  test('links to a page of the sandbox itself, in a new tab', async () => {
    const url = `${on.workspace.url}/github/shop/deploy/pull/7`;
    const text = `Opened <${url}|shop/deploy#7> for <!subteam^S0ONCALL>`;
    on.workspace.messages.push(message(rootTs, [{ type: 'section', text: mrkdwn(text) }]));
    await on.open();

    const link = on.page.getByRole('link', { name: 'shop/deploy#7' });
    await link.waitFor();

    expect(await link.getAttribute('href')).toBe(url);
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await on.page.getByRole('article').innerText()).toContain('@oncall');
  });
}
