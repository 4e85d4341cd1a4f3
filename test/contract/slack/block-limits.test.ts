import { describe, expect, test } from 'vitest';
import { coveredBlocks } from '../../../sandbox/slack/blocks/block-types.ts';
import { refusalOf, startTestSlack } from './slack-world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const long = (length: number): string => 'x'.repeat(length);
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
const button = (changes: object = {}) => ({ type: 'button', text: plain('Apply'), ...changes });
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements });
const option = (changes: object = {}) => ({ text: plain('Logs'), value: 'logs', ...changes });
const confirm = (changes: object = {}) => ({
  title: plain('Sure?'),
  text: plain('Really?'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...changes,
});
const preformatted = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
});
const table = (rows: number, columns: number) => ({
  type: 'table',
  rows: times(rows, () => times(columns, () => ({ type: 'raw_text', text: 'x' }))),
});

const allowed: readonly (readonly [string, readonly object[]])[] = [
  ['50 blocks', times(50, () => section('x'))],
  ['a section of 3 000 characters', [section(long(3000))]],
  ['10 fields', [{ type: 'section', fields: times(10, () => mrkdwn('x')) }]],
  ['a field of 2 000 characters', [{ type: 'section', fields: [mrkdwn(long(2000))] }]],
  ['10 context elements', [{ type: 'context', elements: times(10, () => mrkdwn('x')) }]],
  ['25 buttons', [actions(...times(25, () => button()))]],
  ['a button at its limits', [actions(button({ text: plain(long(75)), value: long(2000), action_id: long(255) }))]],
  [
    'a confirm dialog at its limits',
    [
      actions(
        button({
          confirm: confirm({
            title: plain(long(100)),
            text: mrkdwn(long(300)),
            confirm: plain(long(30)),
            deny: plain(long(30)),
          }),
        }),
      ),
    ],
  ],
  [
    'an overflow menu with 5 options',
    [{ ...section('x'), accessory: { type: 'overflow', options: times(5, () => option()) } }],
  ],
  ['preformatted text', [preformatted('resources:\n  limits: {memory: 640Mi}')]],
  [
    'a table with a link',
    [
      {
        type: 'table',
        rows: [
          [
            {
              type: 'rich_text',
              elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url: 'https://a.b', text: 'INC' }] }],
            },
          ],
        ],
      },
    ],
  ],
  ['a table of 100 x 20', [table(100, 20)]],
  ['9 000 characters together', times(3, () => section(long(3000)))],
];

const refused: readonly (readonly [string, string, readonly object[]])[] = [
  ['51 blocks', 'no more than 50 items allowed [json-pointer:/blocks]', times(51, () => section('x'))],
  [
    'a section of 3 001 characters',
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    [section(long(3001))],
  ],
  ['an empty section text', 'must be more than 0 characters [json-pointer:/blocks/0/text/text]', [section('')]],
  ['a section without text', 'missing required field: text [json-pointer:/blocks/0]', [{ type: 'section' }]],
  [
    '11 fields',
    'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    [{ type: 'section', fields: times(11, () => mrkdwn('x')) }],
  ],
  [
    'a field of 2 001 characters',
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    [{ type: 'section', fields: [mrkdwn(long(2001))] }],
  ],
  [
    '11 context elements',
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    [{ type: 'context', elements: times(11, () => mrkdwn('x')) }],
  ],
  [
    '26 buttons',
    'no more than 25 items allowed [json-pointer:/blocks/1/elements]',
    [section('x'), actions(...times(26, () => button()))],
  ],
  ['no button at all', 'no less than 1 items allowed [json-pointer:/blocks/0/elements]', [actions()]],
  [
    'a button of 76 characters',
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    [actions(button({ text: plain(long(76)) }))],
  ],
  [
    'a button value of 2 001 characters',
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    [actions(button({ value: long(2001) }))],
  ],
  [
    'a button URL of 3 001 characters',
    'must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]',
    [actions(button({ url: `https://example.com/${long(2981)}` }))],
  ],
  [
    'an action_id of 256 characters',
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    [actions(button({ action_id: long(256) }))],
  ],
  [
    'a block_id of 256 characters',
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    [{ ...section('x'), block_id: long(256) }],
  ],
  [
    'an unknown button style',
    'must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    [actions(button({ style: 'warning' }))],
  ],
  [
    'the same action_id twice in a block',
    '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
  ],
  [
    'the same block_id twice',
    '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
    times(2, () => ({ ...section('x'), block_id: 'b' })),
  ],
  [
    'a confirm title of 101 characters',
    'must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]',
    [actions(button({ confirm: confirm({ title: plain(long(101)) }) }))],
  ],
  [
    'a confirm text of 301 characters',
    'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
    [actions(button({ confirm: confirm({ text: plain(long(301)) }) }))],
  ],
  [
    'a confirm button of 31 characters',
    'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]',
    [actions(button({ confirm: confirm({ deny: plain(long(31)) }) }))],
  ],
  [
    'an overflow menu with 6 options',
    'no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]',
    [{ ...section('x'), accessory: { type: 'overflow', options: times(6, () => option()) } }],
  ],
  [
    'an image without alt text',
    'missing required field: alt_text [json-pointer:/blocks/0]',
    [{ type: 'image', slack_file: { id: 'F1' } }],
  ],
  [
    'rich text with an unknown part',
    'unsupported type: rich_text_chart [json-pointer:/blocks/0/elements/0/type]',
    [{ type: 'rich_text', elements: [{ type: 'rich_text_chart' }] }],
  ],
  [
    'an option of 76 characters',
    'must be less than 76 characters [json-pointer:/blocks/0/accessory/options/0/text/text]',
    [{ ...section('x'), accessory: { type: 'overflow', options: [option({ text: plain(long(76)) })] } }],
  ],
  [
    'an option value of 151 characters',
    'must be less than 151 characters [json-pointer:/blocks/0/accessory/options/0/value]',
    [{ ...section('x'), accessory: { type: 'overflow', options: [option({ value: long(151) })] } }],
  ],
  [
    'a table of 10 001 characters',
    'must be less than 10001 characters together [json-pointer:/blocks]',
    [{ type: 'table', rows: [times(2, (n) => ({ type: 'raw_text', text: long(5_000 + n) }))] }],
  ],
  ['a table of 101 rows', 'no more than 100 items allowed [json-pointer:/blocks/0/rows]', [table(101, 1)]],
  ['a table of 21 columns', 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]', [table(1, 21)]],
  ['two tables', 'only_one_table_allowed [json-pointer:/blocks/1]', [table(1, 1), table(1, 1)]],
  [
    'a property that a block does not have',
    'invalid additional property: colour [json-pointer:/blocks/0]',
    [{ ...section('x'), colour: 'red' }],
  ],
  [
    'a block of an unknown type',
    'unsupported type: data_visualization [json-pointer:/blocks/0/type]',
    [{ type: 'data_visualization' }],
  ],
  [
    'a text that is a bare string',
    'must provide an object [json-pointer:/blocks/0/text]',
    [{ type: 'section', text: 'x' }],
  ],
];

describe('limits of Block Kit', () => {
  test('cover these block types', () => {
    expect(coveredBlocks.toSorted()).toEqual(['actions', 'context', 'image', 'rich_text', 'section', 'table']);
  });

  test('everything within the limits is accepted', async () => {
    const { alerts, client, messageLog } = await startTestSlack();

    const answers = await Promise.all(
      allowed.map(async ([name, blocks]) => {
        const call = client.apiCall('chat.postMessage', { channel: alerts, text: name, blocks });
        return call.then(
          () => 'ok',
          (error: unknown) => `${name}: ${String(error)}`,
        );
      }),
    );

    expect(answers).toEqual(allowed.map(() => 'ok'));
    expect(messageLog()).toHaveLength(allowed.length);
  });

  test.for(refused)('%s: %s', async ([name, problem, blocks]) => {
    const { alerts, client, messageLog } = await startTestSlack();

    const refusal = await refusalOf(client.apiCall('chat.postMessage', { channel: alerts, text: name, blocks }));

    expect(refusal.error).toBe('invalid_blocks');
    expect(refusal['errors']).toContain(problem);
    expect(refusal['response_metadata']).toMatchObject({ messages: expect.arrayContaining([`[ERROR] ${problem}`]) });
    expect(messageLog()).toEqual([]);
  });

  test('what Slack has and this one does not is a line in the log, too', async () => {
    const { alerts, client, complaints } = await startTestSlack();

    await refusalOf(client.apiCall('chat.postMessage', { channel: alerts, text: 'x', blocks: [{ type: 'divider' }] }));

    expect(complaints).toMatchObject([
      { fields: { uncovered: [expect.stringContaining('unsupported type: divider')] } },
    ]);
  });

  test('a text names the union that it failed, as Slack does', async () => {
    const { alerts, client } = await startTestSlack();

    const refusal = await refusalOf(
      client.apiCall('chat.postMessage', { channel: alerts, text: 'x', blocks: [section(long(3001))] }),
    );

    expect(refusal['errors']).toEqual([
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ]);
  });
});
