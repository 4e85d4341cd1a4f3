import { expect, test } from 'vitest';
import { amira, sam } from './fake-workspace.ts';
import { explained } from './fixture-messages.ts';
import { type OnPage, rootTs } from './on-page.ts';
import { eventually } from '../../eventually.ts';

/** What the page does for a reader. */
export function testActs(on: OnPage): void {
  test('asks before a button with confirm, by keyboard, and sends nothing after Escape', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();
    const button = on.page.getByRole('button', { name: 'Apply now' });

    await button.press('Enter');
    const dialog = on.page.getByRole('dialog', { name: 'Raise the limit?' });
    await dialog.waitFor();
    const focused: string[] = [];
    for (let presses = 0; presses < 6; presses += 1) {
      focused.push(await on.page.evaluate<string>('document.activeElement.textContent'));
      await on.page.keyboard.press('Tab');
    }
    await on.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    expect(focused[0]).toBe('Apply');
    expect(focused).not.toContain('Acknowledge');
    expect(await on.page.evaluate<string>('document.activeElement.textContent')).toBe('Apply now');
    expect(on.workspace.clicks).toEqual([]);
  });

  test('sends the chosen option of an overflow menu, by keyboard', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();

    await on.page.getByRole('button', { name: 'More actions' }).first().press('Enter');
    await on.page.getByRole('menuitem', { name: 'Logs' }).waitFor();
    await on.page.keyboard.press('ArrowDown');
    await on.page.keyboard.press('Enter');

    await eventually(() =>
      expect(on.workspace.clicks).toEqual([
        { user: amira.id, channel: 'C0OOM', ts: rootTs, action_id: 'incident_more', value: 'explain' },
      ]),
    );
    expect(await on.page.getByRole('menu').count()).toBe(0);
  });

  test('says so when a click was not acknowledged', async () => {
    on.workspace.messages.push(explained(rootTs));
    on.workspace.answer = { ok: false, error: 'operation_timeout' };
    await on.open();

    await on.page.getByRole('button', { name: 'Acknowledge' }).click();

    const note = on.page.getByRole('alert').getByText('did not answer within 3 seconds');
    await note.waitFor();
    expect(await note.innerText()).toContain('(operation_timeout)');
  });

  test('acts as the person who was switched to, and keeps that over a reload', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();

    await on.page.getByRole('radio', { name: 'Sam may not approve' }).check();
    await on.page.getByRole('button', { name: 'Acknowledge' }).click();
    await eventually(() => expect(on.workspace.clicks.length).toBe(1));
    await on.page.reload();
    await on.page.getByRole('log').waitFor();

    expect(on.workspace.clicks).toMatchObject([{ user: sam.id, action_id: 'incident_ack' }]);
    expect(await on.page.getByRole('radio', { name: 'Sam may not approve' }).isChecked()).toBe(true);
  });

  test('completes, sends and recalls a slash command', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();
    const box = on.page.getByRole('combobox', { name: 'Slash command in oom-alerts' });

    await box.fill('/oom w');
    await on.page.getByRole('option', { name: '/oom why INC-7F3K' }).waitFor();
    await box.press('Tab');
    const completed = await box.inputValue();
    await box.press('Enter');
    await eventually(() => expect(on.workspace.commands.length).toBe(1));
    await box.press('ArrowUp');

    expect(completed).toBe('/oom why INC-7F3K');
    expect(on.workspace.commands).toEqual([{ user: amira.id, channel: 'C0OOM', text: '/oom why INC-7F3K' }]);
    expect(await box.inputValue()).toBe('/oom why INC-7F3K');
  });

  test('offers the commands of the app, to be chosen by arrows', async () => {
    await on.open();
    const box = on.page.getByRole('combobox', { name: 'Slash command in oom-alerts' });

    await box.fill('/oom');
    await on.page.getByRole('option').first().waitFor();
    const offered = await on.page.getByRole('option').allInnerTexts();
    await box.press('ArrowDown');
    await box.press('Enter');

    expect(offered).toEqual(['/oom list open incidents', '/oom why INC- the reason and the evidence']);
    expect(await box.inputValue()).toBe('/oom list');
    expect(on.workspace.commands).toEqual([]);
  });
}
