import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { coveredViewBlocks } from '../../../sandbox/slack/blocks/block-types.ts';
import { refusalOf, startTestSlack, type TestSlack } from './slack-world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const long = (length: number): string => 'x'.repeat(length);
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const input = (element: object, changes: object = {}) => ({
  type: 'input',
  label: plain('Limit'),
  element,
  ...changes,
});
const textInput = (changes: object = {}) => ({ type: 'plain_text_input', action_id: 'limit', ...changes });
const modal = (changes: object = {}) => ({
  type: 'modal',
  title: plain('Edit value'),
  submit: plain('Apply'),
  blocks: [input(textInput())],
  ...changes,
});

/** A trigger id, as somebody's command gives one. */
async function trigger(slack: TestSlack): Promise<string> {
  await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
  const sent = slack.control.http.sent().at(-1)?.body ?? '';
  return new URLSearchParams(sent).get('trigger_id') ?? '';
}

/** A Slack whose app is told of things at a URL where nobody listens: only what was sent counts here. */
async function start(clock = createHandClock()): Promise<TestSlack> {
  return startTestSlack({ clock, delivery: { mode: 'http', url: 'http://127.0.0.1:9/' } });
}

async function open(slack: TestSlack, view: object = modal()): Promise<Record<string, unknown>> {
  const answer = await slack.client.apiCall('views.open', { trigger_id: await trigger(slack), view });
  return (answer as { view?: Record<string, unknown> }).view ?? {};
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

const allowed: readonly (readonly [string, object])[] = [
  ['100 blocks', modal({ blocks: times(100, () => section('x')) })],
  [
    'title, submit and close of 24 characters',
    modal({ title: plain(long(24)), submit: plain(long(24)), close: plain(long(24)) }),
  ],
  ['private metadata of 3 000 characters', modal({ private_metadata: long(3000), callback_id: long(255) })],
  ['no submit where there is no input', { type: 'modal', title: plain('x'), blocks: [section('x')] }],
];

const refused: readonly (readonly [string, string, object])[] = [
  [
    '101 blocks',
    'no more than 100 items allowed [json-pointer:/view/blocks]',
    modal({ blocks: times(101, () => section('x')) }),
  ],
  [
    'a title of 25 characters',
    'must be less than 25 characters [json-pointer:/view/title/text]',
    modal({ title: plain(long(25)) }),
  ],
  [
    'a submit of 25 characters',
    'must be less than 25 characters [json-pointer:/view/submit/text]',
    modal({ submit: plain(long(25)) }),
  ],
  [
    'a close of 25 characters',
    'must be less than 25 characters [json-pointer:/view/close/text]',
    modal({ close: plain(long(25)) }),
  ],
  [
    'private metadata of 3 001 characters',
    'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    modal({ private_metadata: long(3001) }),
  ],
  [
    'a callback_id of 256 characters',
    'must be less than 256 characters [json-pointer:/view/callback_id]',
    modal({ callback_id: long(256) }),
  ],
  [
    'an input without submit',
    'missing required field: submit [json-pointer:/view]',
    { type: 'modal', title: plain('x'), blocks: [input(textInput())] },
  ],
  ['no title', 'missing required field: title [json-pointer:/view]', { type: 'modal', blocks: [] }],
  [
    'an unknown property',
    'invalid additional property: submit_disabled [json-pointer:/view]',
    modal({ submit_disabled: true }),
  ],
  ['a Home tab', 'must be a valid enum value: modal [json-pointer:/view/type]', { type: 'home', blocks: [] }],
  [
    'a table',
    'unsupported type: table [json-pointer:/view/blocks/0/type]',
    modal({ blocks: [{ type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] }] }),
  ],
  [
    'a button as an input',
    'unsupported type: button [json-pointer:/view/blocks/0/element/type]',
    modal({ blocks: [input({ type: 'button', text: plain('x') })] }),
  ],
  [
    'an unknown moment of dispatch',
    'must be a valid enum value: on_enter_pressed, on_character_entered [json-pointer:/view/blocks/0/element/dispatch_action_config/trigger_actions_on/0]',
    modal({ blocks: [input(textInput({ dispatch_action_config: { trigger_actions_on: ['on_blur'] } }))] }),
  ],
  [
    'the same block_id twice',
    '`block_id` "a" already exists [json-pointer:/view/blocks/1/block_id]',
    modal({ blocks: times(2, () => ({ ...section('x'), block_id: 'a' })) }),
  ],
];

describe('what a view may be', () => {
  test.for(allowed)('%s: allowed', async ([, view]) => {
    const slack = await start();

    const opened = await open(slack, view);

    expect(opened).toMatchObject({ type: 'modal', id: expect.stringMatching(/^V/) });
  });

  test.for(refused)('%s: refused, with the place', async ([, problem, view]) => {
    const slack = await start();

    const refusal = await refusalOf(open(slack, view));

    expect(refusal).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: {
        messages: ['[ERROR] failed to match all allowed schemas [json-pointer:/view]', `[ERROR] ${problem}`],
      },
    });
    expect(slack.control.state()['modals']).toEqual([]);
  });

  test('more than 250 kB: too large', async () => {
    const slack = await start();
    const blocks = times(90, () => ({ type: 'section', text: { type: 'mrkdwn', text: long(3000) } }));

    const refusal = await refusalOf(open(slack, modal({ blocks })));

    expect(refusal.error).toBe('view_too_large');
  });

  test('has block types that are listed', () => {
    expect(coveredViewBlocks).toEqual(['section', 'context', 'input']);
  });
});

describe('trigger ids', () => {
  test('work once', async () => {
    const slack = await start();
    const id = await trigger(slack);

    await slack.client.apiCall('views.open', { trigger_id: id, view: modal() });
    const again = await refusalOf(slack.client.apiCall('views.open', { trigger_id: id, view: modal() }));

    expect(again.error).toBe('exchanged_trigger_id');
  });

  test('work for three seconds', async () => {
    const clock = createHandClock();
    const slack = await start(clock);
    const [early, late] = [await trigger(slack), await trigger(slack)];

    await clock.advance(2_999);
    const inTime = await slack.client.apiCall('views.open', { trigger_id: early, view: modal() });
    await clock.advance(1);
    const tooLate = await refusalOf(slack.client.apiCall('views.open', { trigger_id: late, view: modal() }));

    expect(inTime.ok).toBe(true);
    expect(tooLate.error).toBe('expired_trigger_id');
  });

  test('are not used up by a view that is refused, and a made-up one is invalid', async () => {
    const slack = await start();
    const id = await trigger(slack);

    await refusalOf(slack.client.apiCall('views.open', { trigger_id: id, view: modal({ title: plain('') }) }));
    const opened = await slack.client.apiCall('views.open', { trigger_id: id, view: modal() });
    const invented = await refusalOf(slack.client.apiCall('views.open', { trigger_id: '1.2.abc', view: modal() }));

    expect(opened.ok).toBe(true);
    expect(invented.error).toBe('invalid_trigger_id');
  });
});

describe('views', () => {
  test('are answered whole, with ids, state and hash', async () => {
    const slack = await start();

    const view = await open(slack, modal({ callback_id: 'edit', private_metadata: 'INC-7F3K' }));

    expect(view).toMatchObject({
      type: 'modal',
      team_id: slack.workspace.team.id,
      app_id: slack.workspace.bot.appId,
      callback_id: 'edit',
      private_metadata: 'INC-7F3K',
      close: null,
      hash: expect.stringMatching(/^\d+\.\w+$/),
      blocks: [{ type: 'input', block_id: expect.any(String) }],
    });
    expect(JSON.stringify(view['state'])).toContain('"limit":{"type":"plain_text_input","value":null}');
    expect(slack.control.state()['modals']).toMatchObject([{ user: slack.people.sam, view: { id: view['id'] } }]);
  });

  test('change only by the hash of their last state, where one is given', async () => {
    const slack = await start();
    const { hash, id } = await open(slack);
    const update = async (given: unknown): Promise<unknown> =>
      slack.client.apiCall('views.update', { view_id: id, hash: given, view: modal({ title: plain('Changed') }) });

    const first = (await update(hash)) as { view: { hash: string; title: unknown } };
    const conflict = await refusalOf(update(hash));
    const second = await update(first.view.hash);
    const without = await update(undefined);

    expect(first.view.title).toMatchObject({ text: 'Changed' });
    expect(first.view.hash).not.toBe(hash);
    expect(conflict.error).toBe('hash_conflict');
    expect([second, without]).toMatchObject([{ ok: true }, { ok: true }]);
  });

  test('keep what was typed over an update of the same input, and lose it with another', async () => {
    const slack = await start();
    const block = (actionId: string) =>
      input(textInput({ action_id: actionId, initial_value: '1Gi' }), { block_id: 'b' });
    const { id } = await open(slack, modal({ blocks: [block('limit')] }));
    await slack.control.viewAct({ user: 'sam', actionId: 'limit', value: '640Mi' });
    const update = async (actionId: string): Promise<unknown> =>
      slack.client.apiCall('views.update', { view_id: id, view: modal({ blocks: [block(actionId)] }) });

    const same = await update('limit');
    const other = await update('request');

    expect(same).toMatchObject({ view: { state: { values: { b: { limit: { value: '640Mi' } } } } } });
    expect(other).toMatchObject({ view: { state: { values: { b: { request: { value: '1Gi' } } } } } });
  });
});
