/** Messages as Oomkeeper posts them, and one with every block that it sends and some that it does not. */
import { bot, type FakeMessage } from './fake-workspace.ts';

export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const plain = (text: string) => ({ type: 'plain_text', text });
export const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
const overflow = (...options: readonly string[]) => ({
  type: 'overflow',
  action_id: 'incident_more',
  options: options.map((text) => ({ text: plain(text), value: text.toLowerCase() })),
});

export const message = (ts: string, blocks: readonly object[], text = ''): FakeMessage => ({
  ts,
  user: bot.id,
  text,
  blocks,
  reply_count: 0,
  replies: [],
});

const approval = {
  type: 'actions',
  block_id: 'approval',
  elements: [
    {
      type: 'button',
      text: plain('Apply now'),
      style: 'primary',
      action_id: 'fix_apply',
      value: 'INC-7F3K:2',
      confirm: {
        title: plain('Raise the limit?'),
        text: mrkdwn('checkout: memory limit *256Mi* → *384Mi*, in place, without a restart.'),
        confirm: plain('Apply'),
        deny: plain('Not now'),
      },
    },
    {
      type: 'button',
      text: plain('Reject'),
      style: 'danger',
      action_id: 'fix_reject',
      value: 'INC-7F3K:2',
      confirm: {
        title: plain('Reject this fix?'),
        text: plain('Nothing is changed.'),
        confirm: plain('Reject'),
        deny: plain('Cancel'),
        style: 'danger',
      },
    },
    { type: 'button', text: plain('Acknowledge'), action_id: 'incident_ack', value: 'INC-7F3K' },
    overflow('Logs', 'Explain', 'Snooze'),
  ],
};

export const explained = (ts: string): FakeMessage =>
  message(ts, [
    {
      type: 'section',
      text: mrkdwn(':red_circle: *OOMKilled* checkout · prod/shop\nLimit too low: needs about 330Mi, has 256Mi'),
      accessory: overflow('Logs', 'Explain'),
    },
    {
      type: 'section',
      fields: [
        mrkdwn('*Container*\ncheckout'),
        mrkdwn('*Limit*\n256Mi → *384Mi*'),
        mrkdwn('*Kills*\n3 in 12 min'),
        mrkdwn('*Node*\n`ip-10-0-3-17.eu-central-1.compute.internal`'),
      ],
    },
    approval,
    { type: 'context', elements: [mrkdwn('`INC-7F3K` · last kill at 09:41:12 UTC · confidence 86%')] },
  ]);

const everythingBlocks: readonly object[] = [
  section('*bold* _italic_ `code *not bold*` snake_case_name 3*4*5 <https://example.com/a?b=1&amp;c=2|a link>'),
  section('hello <@U0SAM>, &lt;!channel&gt; is only text. AT&amp;T'),
  section('Seen <!date^1700000000^{date_short} {time_secs}|2023-11-14 22:13:20 UTC>'),
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: ' resources:\n   limits:\n-    memory: 256Mi\n+    memory: 384Mi' }],
      },
    ],
  },
  {
    type: 'table',
    column_settings: [{ align: 'left' }, { align: 'right' }],
    rows: [
      [
        { type: 'raw_text', text: 'Pod' },
        { type: 'raw_text', text: 'Killed' },
      ],
      [
        { type: 'raw_text', text: 'checkout-7d9f *a*' },
        { type: 'raw_text', text: '09:41:12' },
      ],
      [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [{ type: 'link', url: 'https://sandbox.slack.com/archives/C1/p1', text: 'INC-7F3K' }],
            },
          ],
        },
        { type: 'raw_text', text: '09:41:13' },
      ],
    ],
  },
  { type: 'actions', elements: [{ type: 'datepicker', action_id: 'until' }] },
  { type: 'hologram', depth: 3 },
];
export const everything = (ts: string): FakeMessage => message(ts, everythingBlocks);
