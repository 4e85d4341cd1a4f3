import { expect, test } from 'vitest';
import { amira, type FakeView, sam } from './fake-workspace.ts';
import { explained, mrkdwn, section } from './fixture-messages.ts';
import { type OnPage, rootTs } from './on-page.ts';
import { eventually } from '../../eventually.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const input = (blockId: string, label: string, element: object, changes: object = {}) => ({
  type: 'input',
  block_id: blockId,
  label: plain(label),
  element: { action_id: 'value', ...element },
  ...changes,
});

const live = {
  dispatch_action: true,
  hint: plain('Between 64Mi and 4Gi, as Kubernetes writes it'),
};
const onEveryKey = { dispatch_action_config: { trigger_actions_on: ['on_character_entered'] } };

/** A modal with an input that the app is told of and one that it is not. */
const editView = (changes: Partial<FakeView> = {}): FakeView => ({
  id: 'V0EDIT',
  title: plain('Edit value'),
  submit: plain('Apply'),
  close: plain('Not now'),
  blocks: [
    section('*checkout* · prod/shop needs about *330Mi* and has *256Mi*'),
    input('limit', 'New memory limit', { type: 'plain_text_input', ...onEveryKey }, live),
    { type: 'context', block_id: 'means', elements: [mrkdwn('384Mi would be reached in about *6 h*')] },
    input('why', 'Reason', { type: 'plain_text_input', placeholder: plain('For the audit') }, { optional: true }),
  ],
  state: {
    values: {
      limit: { value: { type: 'plain_text_input', value: '384Mi' } },
      why: { value: { type: 'plain_text_input', value: null } },
    },
  },
  errors: {},
  ...changes,
});

/** What a reader does in modals. */
export function testViews(on: OnPage): void {
  test('opens a modal over everything, with the focus in its first input as soon as there is one, and inside it', async () => {
    on.workspace.messages.push(explained(rootTs));
    await on.open();
    await on.page.getByRole('button', { name: 'Acknowledge' }).focus();

    on.workspace.modals.push({ user: amira.id, view: editView({ blocks: [section('One moment …')] }) });
    on.workspace.changed();
    await on.page.getByText('One moment …').waitFor();
    Object.assign(on.workspace.modals[0] ?? {}, { view: editView() });
    on.workspace.changed();
    await on.page.getByLabel('New memory limit').waitFor();
    const first = await on.page.evaluate<string>('document.activeElement.labels[0].textContent');
    const outside: boolean[] = [];
    for (let presses = 0; presses < 14; presses += 1) {
      await on.page.keyboard.press('Tab');
      outside.push(
        await on.page.evaluate<boolean>('document.activeElement.closest("dialog, body").tagName === "DIALOG"'),
      );
    }
    on.workspace.modals.length = 0;
    on.workspace.changed();
    await on.page.getByRole('dialog').waitFor({ state: 'detached' });

    expect(first).toBe('New memory limit');
    // NOTE: the browser's own bar takes a turn, and then document.body has the focus.
    expect(outside.filter((inside) => !inside).length).toBeLessThanOrEqual(2);
    expect(await on.page.evaluate<string>('document.activeElement.textContent')).toBe('Acknowledge');
    expect(on.problems()).toEqual([]);
  });

  test('submits what was typed and chosen, by block', async () => {
    on.workspace.modals.push({ user: amira.id, view: editView() });
    await on.open();
    const dialog = on.page.getByRole('dialog', { name: 'Edit value' });

    await dialog.getByLabel('New memory limit').fill('640Mi');
    await dialog.getByLabel('Reason (optional)').fill('black friday');
    await dialog.getByRole('button', { name: 'Apply' }).click();

    await eventually(() =>
      expect(on.workspace.submissions).toEqual([{ user: amira.id, values: { limit: '640Mi', why: 'black friday' } }]),
    );
  });

  test('shows what is wrong beside the input, and what the app failed at', async () => {
    on.workspace.modals.push({ user: amira.id, view: editView() });
    await on.open();
    const field = on.page.getByLabel('New memory limit');
    await field.fill('1Mi');

    const wrong = { errors: { limit: 'Below what it uses now: 240Mi.' }, trouble: 'We had some trouble connecting.' };
    Object.assign(on.workspace.modals[0] ?? {}, { view: editView(wrong) });
    on.workspace.changed();
    await on.page.getByText('Below what it uses now').waitFor();

    expect(await field.inputValue()).toBe('1Mi');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const described = await on.page.evaluate<string>(
      'document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" / ")',
    );
    expect(described).toBe('Below what it uses now: 240Mi. / Between 64Mi and 4Gi, as Kubernetes writes it');
    expect(await on.page.getByRole('alert').getByText('We had some trouble connecting.').count()).toBe(1);
    expect(await on.page.evaluate<string>('document.activeElement.value')).toBe('1Mi');
  });

  test('tells the app while one types where it asks for that, and changes the dialog without losing the text', async () => {
    on.workspace.modals.push({ user: amira.id, view: editView() });
    await on.open();
    const field = on.page.getByLabel('New memory limit');

    await field.fill('640Mi');
    await eventually(async () =>
      expect(await on.workspace.acts.at(-1)).toEqual({
        user: amira.id,
        block_id: 'limit',
        action_id: 'value',
        value: '640Mi',
        enter: false,
      }),
    );
    const changed = editView();
    Object.assign(on.workspace.modals[0] ?? {}, {
      view: {
        ...changed,
        blocks: [
          section('640Mi would be reached in about *3 d*'),
          ...changed.blocks.filter((block) => 'element' in block),
        ],
      },
    });
    on.workspace.changed();
    await on.page.getByText('640Mi would be reached in about').waitFor();
    const acts = on.workspace.acts.length;
    await on.page.getByLabel('Reason (optional)').fill('x');

    expect(await field.inputValue()).toBe('640Mi');
    expect(on.workspace.acts).toHaveLength(acts);
  });

  test('closes by its button and by Escape', async () => {
    on.workspace.modals.push({ user: amira.id, view: editView() });
    await on.open();
    await on.page.getByRole('dialog', { name: 'Edit value' }).waitFor();

    await on.page.getByRole('button', { name: 'Not now' }).click();
    await on.page.keyboard.press('Escape');

    await eventually(() => expect(on.workspace.closings).toEqual([{ user: amira.id }, { user: amira.id }]));
  });

  test('shows a modal only to the person who opened it', async () => {
    on.workspace.messages.push(explained(rootTs));
    on.workspace.modals.push({ user: sam.id, view: editView() });
    await on.open();
    await on.page.getByText('OOMKilled').waitFor();
    const forAmira = await on.page.getByRole('dialog').count();

    await on.page.getByRole('radio', { name: 'Sam may not approve' }).check();
    await on.page.getByRole('dialog', { name: 'Edit value' }).waitFor();

    expect(forAmira).toBe(0);
  });
}
