import type { App, BlockAction, types, ViewClosedAction, ViewSubmitAction } from '@slack/bolt';
import { describe, expect, test, vi } from 'vitest';
import { startWithApp, type TestSlack } from './slack-world.ts';
import type { SlackOptions } from '../../../sandbox/slack/start-slack.ts';

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

/** Where nobody answers, three seconds are long to wait for that. */
const impatient = { acknowledgeWithinMs: 1_000 };

/** A Slack in which `/oom edit` opens this modal for Sam. */
async function withModal(
  view: ModalView,
  prepare: (app: App) => void,
  options: Partial<SlackOptions> = {},
): Promise<TestSlack> {
  const slack = await startWithApp((app) => {
    app.command('/oom', async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    prepare(app);
  }, options);
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
  const modals = control.state()['modals'] as readonly { user: string; views: readonly Shown[] }[];
  return modals.find(({ user }) => user === people.sam)?.views.at(-1);
}

async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 5_000, interval: 10 });
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

  test('are updated, pushed and cleared by the acknowledgement', async () => {
    const slack = await withModal(edit(), (app) => {
      app.view('edit', async ({ ack }) => ack({ response_action: 'update', view: edit({ callback_id: 'reason' }) }));
      app.view('reason', async ({ ack }) => ack({ response_action: 'push', view: edit({ callback_id: 'sure' }) }));
      app.view('sure', async ({ ack }) => ack({ response_action: 'clear' }));
    });
    const submit = async (): Promise<unknown> => {
      const result = await slack.control.viewSubmit({ user: 'sam', values: { limit: 'x' } });
      return [result.ok && result.became.action, shown(slack)?.callback_id];
    };

    const steps = [await submit(), await submit(), await submit()];

    expect(steps).toEqual([
      ['update', 'reason'],
      ['push', 'sure'],
      ['clear', undefined],
    ]);
  });

  test.for([
    ['is empty', {}, '', 'Please complete this required field.'],
    ['is too short', { min_length: 3 }, 'ab', 'Please enter at least 3 characters.'],
    ['is too long', { max_length: 3 }, 'abcd', 'Please enter at most 3 characters.'],
    ['is no number', { type: 'number_input', is_decimal_allowed: true }, '1Gi', 'Please enter a valid number.'],
    ['is no whole number', { type: 'number_input', is_decimal_allowed: false }, '1.5', 'Please enter a whole number.'],
    [
      'is too small',
      { type: 'number_input', is_decimal_allowed: true, min_value: '2' },
      '1',
      'Please enter a number of at least 2.',
    ],
    [
      'is too large',
      { type: 'number_input', is_decimal_allowed: true, max_value: '2' },
      '3',
      'Please enter a number of at most 2.',
    ],
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
    ['the errors belong to no input', { response_action: 'errors', errors: { elsewhere: 'x' } }, 'invalid_errors'],
    [
      'the new view is wrong',
      { response_action: 'update', view: edit({ title: plain('x'.repeat(25)) }) },
      'invalid_arguments',
    ],
    ['the action is unknown', { response_action: 'explode' }, 'invalid_response_action'],
  ] as const)('say that there was trouble when %s', async ([, answer, error]) => {
    const slack = await withModal(
      edit(),
      (app) => {
        app.view('edit', async ({ ack }) => {
          // NOTE: Bolt's types forbid these answers; Slack gets them from older apps all the same.
          if (answer !== undefined) await ack(answer as never);
        });
      },
      impatient,
    );

    const result = await slack.control.viewSubmit({ user: 'sam', values: { limit: 'x' } });

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
    let answering = false;
    const live = textInput({
      dispatch_action: true,
      element: { type: 'static_select', action_id: 'for', options: [{ text: plain('1h'), value: '1h' }] },
    });
    const slack = await withModal(
      edit({ blocks: [live] }),
      (app) => {
        app.action('for', async ({ ack }) => {
          if (answering) await ack();
        });
      },
      impatient,
    );
    const choose = async (): Promise<unknown> => slack.control.viewAct({ user: 'sam', actionId: 'for', value: '1h' });

    const silent = await choose();
    const said = shown(slack)?.trouble;
    answering = true;
    const taken = await choose();

    expect(silent).toEqual({ ok: false, error: 'operation_timeout' });
    expect(said).toBe('We had some trouble connecting. Try again?');
    expect(taken).toMatchObject({ ok: true, ack: { ms: expect.any(Number) } });
    expect(shown(slack)?.trouble).toBeUndefined();
  });

  test('hold choices of every kind', async () => {
    const option = (value: string) => ({ text: plain(value), value });
    const states: unknown[] = [];
    const choose = (blockId: string, element: object) => textInput({ block_id: blockId, element });
    const blocks = [
      choose('menu', { type: 'static_select', action_id: 'a', options: [option('1h'), option('1d')] }),
      choose('radio', { type: 'radio_buttons', action_id: 'a', options: [option('all'), option('one')] }),
      choose('boxes', { type: 'checkboxes', action_id: 'a', options: [option('x'), option('y'), option('z')] }),
      choose('person', { type: 'users_select', action_id: 'a' }),
      choose('day', { type: 'datepicker', action_id: 'a' }),
      choose('count', { type: 'number_input', action_id: 'a', is_decimal_allowed: false }),
    ];
    const slack = await withModal(edit({ blocks }), (app) => {
      app.view('edit', async ({ ack, view }) => {
        states.push(view.state.values);
        await ack();
      });
    });
    const values = { menu: '1d', radio: 'one', boxes: 'x,z', person: 'amira', day: '2026-11-24', count: '3' };

    const missing = await slack.control.viewSubmit({ user: 'sam', values: { menu: '1y' } });
    const unknown = await slack.control.viewSubmit({ user: 'sam', values: { nothing: 'x' } });
    await slack.control.viewSubmit({ user: 'sam', values });

    expect([missing, unknown]).toEqual([
      { ok: false, error: 'no_such_option' },
      { ok: false, error: 'no_such_action' },
    ]);
    expect(states).toMatchObject([
      {
        menu: { a: { type: 'static_select', selected_option: { value: '1d' } } },
        radio: { a: { type: 'radio_buttons', selected_option: { value: 'one' } } },
        boxes: { a: { type: 'checkboxes', selected_options: [{ value: 'x' }, { value: 'z' }] } },
        person: { a: { type: 'users_select', selected_user: slack.people.amira } },
        day: { a: { type: 'datepicker', selected_date: '2026-11-24' } },
        count: { a: { type: 'number_input', value: '3' } },
      },
    ]);
  });

  test('tell the app that they were closed only where it asked', async () => {
    const closed: ViewClosedAction[] = [];
    const slack = await withModal(edit({ notify_on_close: true }), (app) => {
      app.view({ callback_id: /edit|sure/, type: 'view_closed' }, async ({ ack, body }) => {
        closed.push(body as ViewClosedAction);
        await ack();
      });
      app.view('edit', async ({ ack }) =>
        ack({ response_action: 'push', view: edit({ callback_id: 'sure', notify_on_close: true }) }),
      );
    });
    await slack.control.viewSubmit({ user: 'sam', values: { limit: 'x' } });

    await slack.control.viewClose({ user: 'sam' });
    const below = shown(slack)?.callback_id;
    await slack.control.viewClose({ user: 'sam', clear: true });
    const nothing = await slack.control.viewClose({ user: 'sam' });

    expect(below).toBe('edit');
    expect(closed.map(({ is_cleared: cleared, view }) => [view.callback_id, cleared])).toEqual([
      ['sure', false],
      ['edit', true],
    ]);
    expect(nothing).toEqual({ ok: false, error: 'view_not_found' });
  });

  test('belong to the person who opened them', async () => {
    const slack = await withModal(edit(), () => undefined);
    const viewId = shown(slack)?.id;

    const other = await slack.control.viewSubmit({ user: 'amira', viewId, values: { limit: 'x' } });

    expect(other).toEqual({ ok: false, error: 'view_not_found' });
  });
});

describe('the Home tab', () => {
  test('is announced when somebody opens it, published by the app, and its buttons reach the app', async () => {
    const clicks: BlockAction[] = [];
    const tabs: unknown[] = [];
    const slack = await startWithApp((app) => {
      app.event('app_home_opened', async ({ client, event }) => {
        tabs.push([event.user, event.tab, event.view?.type]);
        const button = { type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: 'INC-7F3K' };
        const view = { type: 'home' as const, blocks: [{ type: 'actions' as const, elements: [button] }] };
        await client.views.publish({ user_id: event.user, view });
      });
      app.action<BlockAction>('approve', async ({ ack, body }) => {
        clicks.push(body);
        await ack();
      });
    });
    const homes = (): readonly { view: { id: string } }[] =>
      slack.control.state()['homes'] as readonly { view: { id: string } }[];

    const opened = await slack.control.openHome('sam');
    await eventually(() => {
      expect(homes()).toHaveLength(1);
    });
    await slack.control.openHome('sam');
    const viewId = homes()[0]?.view.id;
    const clicked = await slack.control.viewAct({ user: 'sam', viewId, actionId: 'approve' });
    const other = await slack.control.viewAct({ user: 'amira', viewId, actionId: 'approve' });

    expect(opened.ok).toBe(true);
    expect(tabs).toEqual([
      [slack.people.sam, 'home', undefined],
      [slack.people.sam, 'home', 'home'],
    ]);
    expect(clicked.ok).toBe(true);
    expect(clicks).toMatchObject([{ container: { type: 'view', view_id: viewId }, actions: [{ value: 'INC-7F3K' }] }]);
    expect(other).toEqual({ ok: false, error: 'view_not_found' });
  });
});
