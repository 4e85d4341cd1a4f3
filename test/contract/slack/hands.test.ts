import { describe, expect, test } from 'vitest';
import { handsOn, submitValues } from '../../../sandbox/play/slack-hands.ts';
import { startWithApp, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** An app whose button opens a modal that takes 192Mi and refuses everything else. */
async function startEditable(): Promise<{ slack: TestSlack; ts: string; taken: string[] }> {
  const taken: string[] = [];
  const slack = await startWithApp((app) => {
    app.action('edit', async ({ ack, body, client }) => {
      await ack();
      const input = {
        type: 'input' as const,
        block_id: 'limit',
        label: plain('Limit'),
        element: { type: 'plain_text_input' as const, action_id: 'edit:value' },
      };
      const view = { type: 'modal' as const, title: plain('Edit value'), submit: plain('Apply'), blocks: [input] };
      if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view });
    });
    app.view(/.*/, async ({ ack, view }) => {
      const value = view.state.values['limit']?.['edit:value']?.value ?? '';
      if (value !== '192Mi') return ack({ response_action: 'errors', errors: { limit: 'No such size.' } });
      taken.push(value);
      return ack();
    });
  });
  const elements = [{ type: 'button' as const, action_id: 'edit', text: plain('Edit value…') }];
  const blocks = [{ type: 'actions' as const, elements }];
  const { ts = '' } = await slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks });
  return { slack, ts, taken };
}

describe("people's hands", () => {
  test('submit the modal that a click opened', async () => {
    const { slack, taken, ts } = await startEditable();
    const hands = handsOn(slack);
    const user = slack.people.amira;

    const early = await hands.submit({ user, values: {} });
    await hands.click({ user, channel: slack.alerts, ts, action_id: 'edit' });
    await eventually(async () => expect((await hands.look()).modals).toMatchObject([{ user }]));
    const empty = await hands.submit({ user, values: { limit: '' } });
    const refused = await hands.submit({ user, values: { limit: '512' } });
    const done = await hands.submit({ user, values: { 'edit:value': '192Mi' } });
    const { modals } = await hands.look();

    expect(early).toEqual({ ok: false, error: 'view_not_found' });
    expect(empty).toEqual({
      ok: false,
      error: 'invalid_input',
      errors: { limit: 'Please complete this required field.' },
    });
    expect(refused).toEqual({ ok: false, error: 'refused', errors: { limit: 'No such size.' } });
    expect(done).toEqual({ ok: true, became: 'closed' });
    expect(taken).toEqual(['192Mi']);
    expect(modals).toEqual([]);
  });

  test.each([
    ['limit=192Mi', { limit: '192Mi' }],
    ['limit = 192Mi; reason=too small = bad', { limit: '192Mi', reason: 'too small = bad' }],
    ['limit=', { limit: '' }],
    ['', {}],
    ['192Mi', null],
  ])('what a scenario says to submit, "%s", is %j', (what, values) => {
    expect(submitValues(what)).toEqual(values);
  });
});
