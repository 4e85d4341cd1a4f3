import { expect, test } from 'vitest';
import { amira, sam } from './fake-workspace.ts';
import { section } from './fixture-messages.ts';
import type { OnPage } from './on-page.ts';
import { eventually } from '../../eventually.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const confirm = {
  title: plain('Approve PLAN-7F3K2A?'),
  text: plain('Limit 512Mi -> 640Mi'),
  confirm: plain('Approve'),
  deny: plain('Cancel'),
};
const waiting = [
  { type: 'header', block_id: 'h', text: plain('Waiting for you') },
  section('*checkout* · prod/shop: raise the limit to *640Mi*'),
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      { type: 'button', action_id: 'approve', text: plain('Approve'), value: 'v1', style: 'primary', confirm },
    ],
  },
  { type: 'divider', block_id: 'd' },
];

/** What a reader does in the app's Home tab. */
export function testHome(on: OnPage): void {
  test('the app in the sidebar opens its Home tab, tells the app who came, and a channel leads back', async () => {
    await on.open();
    const app = on.page.getByRole('navigation').getByRole('button', { name: 'Oomkeeper' });

    await app.press('Enter');
    await on.page.getByText('The app has not put anything here yet.').waitFor();
    on.workspace.homes.push({ user: amira.id, view: { id: 'V0HOME', blocks: waiting } });
    on.workspace.changed();
    await on.page.getByRole('heading', { name: 'Waiting for you' }).waitFor();

    await eventually(() => expect(on.workspace.homeOpenings).toEqual([{ user: amira.id }]));
    expect(await app.getAttribute('aria-current')).toBe('page');
    expect(await on.page.getByRole('separator').count()).toBe(1);
    await on.page.getByRole('button', { name: /oom-alerts/ }).click();
    await on.page.getByRole('main', { name: 'Channel oom-alerts' }).waitFor();
    expect(on.problems()).toEqual([]);
  });

  test('a click there asks first, and says in which block it was; each person sees their own', async () => {
    on.workspace.homes.push({ user: amira.id, view: { id: 'V0HOME', blocks: waiting } });
    await on.open();
    await on.page.getByRole('navigation').getByRole('button', { name: 'Oomkeeper' }).click();

    await on.page.getByRole('button', { name: 'Approve' }).press('Enter');
    await on.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).press('Enter');
    await eventually(() => expect(on.workspace.homeActs).toHaveLength(1));
    await on.page.getByRole('radio', { name: 'Sam may not approve' }).check();
    await on.page.getByText('The app has not put anything here yet.').waitFor();

    expect(on.workspace.homeActs).toEqual([{ user: amira.id, action_id: 'approve', block_id: 'decide', value: 'v1' }]);
    await eventually(() => expect(on.workspace.homeOpenings).toEqual([{ user: amira.id }, { user: sam.id }]));
    expect(on.problems()).toEqual([]);
  });
}
