import type { App, BlockAction, types, ViewSubmitAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startWithApp, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

type ModalView = types.ModalView;

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const textInput = (changes: object = {}) => ({
  type: 'input' as const,
  block_id: 'limit_block',
  label: plain('New limit'),
  element: { type: 'plain_text_input' as const, action_id: 'limit' },
  ...changes,
});
const edit = (changes: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'edit',
  title: plain('Edit value'),
  submit: plain('Apply'),
  blocks: [textInput()],
  ...changes,
});

/** A Slack in which `/oom edit` opens this modal for Sam. Its three seconds pass by this clock alone. */
async function withModal(view: ModalView, prepare: (app: App) => void, clock = createHandClock()): Promise<TestSlack> {
  const slack = await startWithApp(
    (app) => {
      app.command('/oom', async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view });
      });
      prepare(app);
    },
    { clock },
  );
  await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom edit' });
  await eventually(() => {
    expect(shown(slack)).toBeDefined();
  });
  return slack;
}

interface Shown {
  readonly id: string;
  readonly callback_id: string;
  readonly errors: object;
  readonly trouble?: string;
  readonly blocks: readonly { readonly text?: { readonly text: string } }[];
}

/** The modal in front of Sam. */
function shown({ control, people }: TestSlack): Shown | undefined {
  const modals = control.state()['modals'] as readonly { user: string; view: Shown }[];
  return modals.find(({ user }) => user === people.sam)?.view;
}

describe('modals', () => {
  test('are submitted with everything that Slack sends, and close when that is acknowledged', async () => {
    const bodies: ViewSubmitAction[] = [];
    const slack = await withModal(edit({ private_metadata: 'INC-7F3K' }), (app) => {
      app.view('edit', async ({ ack, body }) => {
        bodies.push(body as ViewSubmitAction);
        await ack();
      });
    });

    const result = await slack.control.viewSubmit({ user: 'sam', values: { limit: '640Mi' } });

    expect(result).toEqual({ ok: true, ack: { ms: expect.any(Number) }, became: { action: 'closed' } });
    expect(bodies).toMatchObject([
      {
        type: 'view_submission',
        user: { id: slack.people.sam, name: 'sam', team_id: slack.workspace.team.id },
        team: { id: slack.workspace.team.id, domain: 'sandbox' },
        api_app_id: slack.workspace.bot.appId,
        trigger_id: expect.any(String),
        response_urls: [],
        view: {
          type: 'modal',
          callback_id: 'edit',
          private_metadata: 'INC-7F3K',
          state: { values: { limit_block: { limit: { type: 'plain_text_input', value: '640Mi' } } } },
        },
      },
    ]);
    expect(shown(slack)).toBeUndefined();
  });

  test('stay open with the sentences that the app says beside the inputs', async () => {
    const slack = await withModal(edit(), (app) => {
      app.view('edit', async ({ ack }) =>
        ack({ response_action: 'errors', errors: { limit_block: 'Below what it uses now.' } }),
      );
    });

    const result = await slack.control.viewSubmit({ user: 'sam', values: { limit_block: '1Mi' } });

    expect(result).toMatchObject({
      ok: true,
      became: { action: 'errors', errors: { limit_block: 'Below what it uses now.' } },
    });
    expect(shown(slack)).toMatchObject({ errors: { limit_block: 'Below what it uses now.' } });
  });

  test.for([
    ['is empty', {}, '', 'Please complete this required field.'],
    ['is too long', { max_length: 3 }, 'abcd', 'Please enter at most 3 characters.'],
  ] as const)('tell the app nothing when an input %s', async ([, changes, value, sentence]) => {
    const submitted: unknown[] = [];
    const element = { type: 'plain_text_input', action_id: 'limit', ...changes };
    const slack = await withModal(edit({ blocks: [textInput({ element })] }), (app) => {
      app.view('edit', async ({ ack, view }) => {
        submitted.push(view);
        await ack();
      });
    });

    const result = await slack.control.viewSubmit({ user: 'sam', values: { limit: value } });

    expect(result).toEqual({ ok: false, error: 'invalid_input', errors: { limit_block: sentence } });
    expect(submitted).toEqual([]);
  });

  test.for([
    ['nobody answers', undefined, 'operation_timeout'],
    [
      'the errors belong to no input',
      { response_action: 'errors', errors: { elsewhere: 'x' } },
      'invalid_response_action',
    ],
    ['the answer is one that the bot never gives', { response_action: 'clear' }, 'invalid_response_action'],
  ] as const)('say that there was trouble when %s', async ([, answer, error]) => {
    const clock = createHandClock();
    const slack = await withModal(
      edit(),
      (app) => {
        app.view('edit', async ({ ack }) => {
          // NOTE: Bolt's types forbid these answers; Slack gets them from older apps all the same.
          if (answer !== undefined) await ack(answer);
        });
      },
      clock,
    );

    const submitting = slack.control.viewSubmit({ user: 'sam', values: { limit: 'x' } });
    if (answer === undefined) await clock.advance(3_000);
    const result = await submitting;

    expect(result).toEqual({ ok: false, error });
    expect(shown(slack)).toMatchObject({ trouble: 'We had some trouble connecting. Try again?' });
    expect(slack.complaints).toHaveLength(answer === undefined ? 0 : 1);
  });

  test('tell the app what is typed only where an input asks for it, and can be changed while one types', async () => {
    const actions: BlockAction[] = [];
    const live = textInput({
      dispatch_action: true,
      element: {
        type: 'plain_text_input',
        action_id: 'limit',
        dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
      },
    });
    const onEnter = textInput({
      block_id: 'why_block',
      dispatch_action: true,
      element: { type: 'plain_text_input', action_id: 'why' },
    });
    const silent = textInput({ block_id: 'note_block', element: { type: 'plain_text_input', action_id: 'note' } });
    const slack = await withModal(edit({ blocks: [live, onEnter, silent] }), (app) => {
      app.action<BlockAction>(/limit|why|note/, async ({ ack, body, client }) => {
        await ack();
        actions.push(body);
        const { hash, id } = body.view ?? {};
        const means = { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'means 2 h more' } };
        await client.views.update({ view_id: id ?? '', hash: hash ?? '', view: edit({ blocks: [means, live] }) });
      });
    });
    const act = async (actionId: string, enter = false): Promise<unknown> => {
      const result = await slack.control.viewAct({ user: 'sam', actionId, value: '640Mi', enter });
      return result.ok && result.ack !== undefined;
    };

    const quiet = [await act('note'), await act('note', true), await act('why')];
    const told = await act('limit');
    await eventually(() => {
      expect(shown(slack)?.blocks[0]?.text?.text).toBe('means 2 h more');
    });

    expect([...quiet, told]).toEqual([false, false, false, true]);
    expect(actions).toMatchObject([
      {
        type: 'block_actions',
        container: { type: 'view' },
        view: {
          state: { values: { limit_block: { limit: { value: '640Mi' } }, why_block: { why: { value: '640Mi' } } } },
        },
        actions: [{ type: 'plain_text_input', action_id: 'limit', block_id: 'limit_block', value: '640Mi' }],
      },
    ]);
    expect(actions[0]).not.toHaveProperty('channel');
    expect(actions[0]).not.toHaveProperty('response_url');
  });

  test('say that there was trouble when nobody takes what was typed, until somebody does', async () => {
    const clock = createHandClock();
    let answering = false;
    const live = textInput({
      dispatch_action: true,
      element: {
        type: 'plain_text_input',
        action_id: 'for',
        dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
      },
    });
    const slack = await withModal(
      edit({ blocks: [live] }),
      (app) => {
        app.action('for', async ({ ack }) => {
          if (answering) await ack();
        });
      },
      clock,
    );
    const choose = async (): Promise<unknown> => slack.control.viewAct({ user: 'sam', actionId: 'for', value: '1h' });

    const choosing = choose();
    await clock.advance(3_000);
    const silent = await choosing;
    const said = shown(slack)?.trouble;
    answering = true;
    const taken = await choose();

    expect(silent).toEqual({ ok: false, error: 'operation_timeout' });
    expect(said).toBe('We had some trouble connecting. Try again?');
    expect(taken).toMatchObject({ ok: true, ack: { ms: expect.any(Number) } });
    expect(shown(slack)?.trouble).toBeUndefined();
  });

  test('belong to the person who opened them, until they are closed', async () => {
    const slack = await withModal(edit(), () => undefined);

    const other = await slack.control.viewSubmit({ user: 'amira', values: { limit: 'x' } });
    const unknown = await slack.control.viewSubmit({ user: 'sam', values: { nothing: 'x' } });
    const closed = await slack.control.viewClose('sam');

    expect(other).toEqual({ ok: false, error: 'view_not_found' });
    expect(unknown).toEqual({ ok: false, error: 'no_such_action' });
    expect(closed).toEqual({ ok: true });
    expect(shown(slack)).toBeUndefined();
  });
});
