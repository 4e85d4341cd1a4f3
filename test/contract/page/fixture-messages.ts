/** Messages as Oomkeeper posts them, and one with everything that Block Kit lets a bot say. */
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

/** A root with replies below it. */
export const threaded = (root: FakeMessage, ...replies: readonly FakeMessage[]): FakeMessage => ({
  ...root,
  reply_count: replies.length,
  replies: replies.map((reply) => ({ ...reply, thread_ts: root.ts })),
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
    { type: 'context', elements: [mrkdwn('`INC-7F3K` · last kill at 09:41:12 UTC · confidence 86 %')] },
  ]);

const everythingBlocks: readonly object[] = [
  { type: 'header', text: plain('Header with :warning: and 09:41:12') },
  section(
    '*bold* _italic_ ~strike~ `code *not bold*` snake_case_name 3*4*5 <https://example.com/a?b=1&amp;c=2|a link>',
  ),
  section('hello <@U0SAM>, &lt;!channel&gt; is only text, <!here> is not. AT&amp;T\n&gt; a quote\nafter it'),
  section('```kubectl get pods\n  checkout *0/1* OOMKilled &lt;none&gt;```'),
  section('Seen <!date^1700000000^{date_num} {time_secs}|2023-11-14 22:13:20 UTC>'),
  { type: 'divider' },
  {
    type: 'section',
    text: mrkdwn('A select beside a text'),
    accessory: {
      type: 'static_select',
      action_id: 'snooze_for',
      placeholder: plain('Snooze for'),
      options: [
        { text: plain('1 hour'), value: '1h' },
        { text: plain('1 day'), value: '24h' },
      ],
    },
  },
  {
    type: 'image',
    title: plain('Memory of checkout'),
    alt_text: 'Usage climbs to 256Mi and is cut off three times',
    image_url:
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='420' height='90'%3E%3Crect width='420' height='90' fill='%23fff'/%3E%3Cpath d='M0 80 120 20v60L240 20v60L360 20v60l60-30' fill='none' stroke='%23c01343' stroke-width='3'/%3E%3C/svg%3E",
  },
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'The change, from ' },
          { type: 'text', text: '09:41:12', style: { bold: true } },
          { type: 'text', text: ' ' },
          { type: 'emoji', name: 'red_circle' },
        ],
      },
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
    ],
  },
  { type: 'markdown', text: '**Markdown** block at 09:41:12 :white_check_mark:\n\n- one\n- two' },
  {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: 'helpful',
        positive_button: { text: plain('Helpful'), value: 'yes' },
        negative_button: { text: plain('Not helpful'), value: 'no' },
      },
    ],
  },
  {
    type: 'data_table',
    caption: 'Kills by namespace',
    rows: [
      [
        { type: 'raw_text', text: 'Namespace' },
        { type: 'raw_text', text: 'Kills' },
      ],
      [
        { type: 'raw_text', text: 'shop' },
        { type: 'raw_number', value: 3, text: '3' },
      ],
    ],
  },
  { type: 'hologram', depth: 3 },
];
export const everything = (ts: string): FakeMessage => message(ts, everythingBlocks);
