import { expect, test } from 'vitest';
import { bot, sam } from './fake-workspace.ts';
import { everything, explained, message, mrkdwn, section } from './fixture-messages.ts';
import { type OnPage, rootTs } from './on-page.ts';
import { eventually } from '../../eventually.ts';

/** What a reader sees on the page. */
export function testShown(on: OnPage): void {
  test('waits with a friendly line and shows the first message as it arrives', async () => {
    await on.open();
    await on.page.getByText('Waiting for the first kill…').waitFor();

    on.workspace.messages.push(explained(rootTs));
    on.workspace.changed();
    await on.page.getByText('OOMKilled').waitFor();

    expect(await on.page.getByText('Waiting for the first kill…').count()).toBe(0);
    expect(await on.page.getByRole('article').innerText()).toMatch(/Oomkeeper\s*APP[\s\S]*last kill at 09:41:12 UTC/);
    expect(await on.page.getByRole('img', { name: 'red circle emoji' }).innerText()).toBe('🔴');
    expect(on.problems()).toEqual([]);
  });

  test('promises no threads in a channel without the app', async () => {
    on.workspace.otherHasApp = false;
    await on.open();

    await on.page.getByRole('navigation').getByRole('button', { name: 'deployments' }).click();

    await on.page.getByText('Oomkeeper is not in this channel').waitFor();
    expect(await on.page.getByText('opens a thread in').count()).toBe(0);
  });

  test('leads to the repositories', async () => {
    await on.open();

    expect(await on.page.getByRole('link', { name: 'GitHub' }).getAttribute('href')).toBe('/github/');
  });

  test('changes a message in place when it was edited', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();
    await on.page.getByRole('button', { name: 'Apply now' }).waitFor();

    Object.assign(on.workspace.messages[0] ?? {}, {
      blocks: [section(':large_blue_circle: *Applied* checkout')],
    });
    on.workspace.changed();
    await on.page.getByText('Applied').waitFor();

    expect(await on.page.getByRole('article').count()).toBe(1);
    expect(await on.page.getByRole('button', { name: 'Apply now' }).count()).toBe(0);
  });

  test('shows an ephemeral message only to its person', async () => {
    const text = 'You may not approve this.';
    on.workspace.messages.push(explained(rootTs));
    on.workspace.ephemerals.push({
      channel: 'C0OOM',
      user: sam.id,
      from: bot.id,
      ts: '1790000002.000000',
      text,
      blocks: [],
    });
    await on.open();
    await on.page.getByText('OOMKilled').waitFor();
    const seenByAmira = await on.page.getByText(text).count();

    await on.page.getByRole('radio', { name: 'Sam may not approve' }).check();
    await on.page.getByText(text).waitFor();

    expect(seenByAmira).toBe(0);
    expect(await on.page.getByRole('article').last().innerText()).toContain('Only visible to you');
  });

  test('marks another channel unread until it is opened', async () => {
    await on.open();
    const other = on.page.getByRole('navigation').getByRole('button', { name: 'deployments' });
    await other.waitFor();

    on.workspace.otherMessages.push(message('1790000004.000000', [section('Hello from elsewhere')]));
    on.workspace.changed();
    await on.page.getByRole('button', { name: 'deployments unread messages' }).waitFor();
    await other.click();
    await on.page.getByText('Hello from elsewhere').waitFor();

    expect(await on.page.getByRole('button', { name: 'unread messages' }).count()).toBe(0);
  });

  test.each([
    ['its usual channel while nothing was said', [], [], 'oom-alerts'],
    ['the channel that has messages', [], [explained(rootTs)], 'deployments'],
    [
      'its usual channel where several have messages',
      [explained(rootTs)],
      [explained('1790000009.000000')],
      'oom-alerts',
    ],
  ])('opens %s, and stays there', async (_, usual, others, expected) => {
    on.workspace.messages.push(...usual);
    on.workspace.otherMessages.push(...others);
    await on.open();

    const first = await on.page.getByRole('main').getAttribute('aria-label');
    on.workspace.messages.push(message('1790000010.000000', [section('one more')]));
    on.workspace.otherMessages.push(message('1790000010.000000', [section('one more')]));
    on.workspace.changed();
    await on.page.getByRole('navigation').getByText('unread messages').waitFor({ state: 'attached' });

    expect(first).toBe(`Channel ${expected}`);
    expect(await on.page.getByRole('main').getAttribute('aria-label')).toBe(first);
  });

  test('draws every block type, and says which one it does not know', async () => {
    on.workspace.messages.push(everything(rootTs));
    await on.open();

    const drawn = await on.page.getByRole('article').innerText();

    expect(drawn).toContain('hello @Sam, <!channel> is only text. AT&T');
    expect(drawn).toContain('code *not bold* snake_case_name 3*4*5 a link');
    expect(drawn).toContain('-    memory: 256Mi\n+    memory: 384Mi');
    expect(drawn).toContain('checkout-7d9f *a*');
    expect(drawn).toContain('does not draw block type hologram');
    expect(drawn).toContain('does not draw element type datepicker');
    expect(await on.page.getByRole('table').getByRole('row').count()).toBe(3);
    expect(await on.page.getByRole('table').getByRole('link', { name: 'INC-7F3K' }).count()).toBe(1);
    const fontOf = (part: string): Promise<string> =>
      on.page.evaluate<string>(`getComputedStyle(document.querySelector('.message ${part}')).fontFamily`);
    expect(await fontOf('.lines')).toContain('Inter');
    expect(await fontOf('.code')).toMatch(/^ui-monospace/);
    expect(on.problems()).toEqual([]);
  });

  test('shows the rest of a message whose block is broken', async () => {
    const broken = { type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet' }] };
    on.workspace.messages.push(message(rootTs, [broken, section('and the rest')]));
    await on.open();

    const drawn = await on.page.getByRole('article').innerText();

    expect(drawn).toMatch(/does not draw block type rich_text[\s\S]*and the rest/);
  });

  test('follows the system theme until one is chosen', async () => {
    await on.page.emulateMedia({ colorScheme: 'dark' });
    await on.open();
    const background = (): Promise<string> =>
      on.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const bySystem = await background();

    await on.page.getByRole('button', { name: 'Theme: system' }).click();
    await on.page.getByRole('button', { name: 'Theme: light' }).waitFor();

    expect(bySystem).toBe('rgb(26, 29, 33)');
    expect(await background()).toBe('rgb(255, 255, 255)');
  });

  test('shows a hostile name as text', async () => {
    on.workspace.messages.push(
      message(rootTs, [
        { type: 'context', elements: [mrkdwn('pod `&lt;img src=x onerror=alert(1)&gt;` &lt;@U0SAM&gt;')] },
      ]),
    );
    await on.open();

    const shown = await on.page.getByRole('article').innerText();

    expect(shown).toContain('<img src=x onerror=alert(1)> <@U0SAM>');
    expect(await on.page.getByRole('article').locator('img').count()).toBe(0);
  });

  test('reconnects when the sandbox was away', async () => {
    await on.open();
    await on.page.getByText('live', { exact: true }).waitFor();
    await on.page.evaluate('document.fonts.ready.then(() => undefined)');
    const people = on.page.getByRole('group', { name: 'You are' });
    const whileLive = await people.boundingBox();

    await on.workspace.goAway();
    await on.page.getByText('reconnecting…').waitFor();
    const whileAway = await people.boundingBox();
    on.workspace.messages.push(explained(rootTs));
    await on.workspace.comeBack();

    await on.page.getByText('OOMKilled').waitFor();

    // Whoever is about to click there is not to miss.
    expect(whileAway).toEqual(whileLive);
    await eventually(async () => expect(await on.page.getByText('live', { exact: true }).count()).toBe(1));
  });
}
