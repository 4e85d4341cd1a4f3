import type { BlockAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { startWithApp, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

const apply = {
  type: 'button',
  action_id: 'apply',
  value: 'INC-7F3K',
  style: 'primary',
  text: { type: 'plain_text', text: 'Apply now' },
  confirm: {
    title: { type: 'plain_text', text: 'Sure?' },
    text: { type: 'plain_text', text: 'Raise the limit' },
    confirm: { type: 'plain_text', text: 'Apply' },
    deny: { type: 'plain_text', text: 'No' },
  },
};
const menu = {
  type: 'overflow',
  action_id: 'more',
  options: ['logs', 'explain'].map((value) => ({ text: { type: 'plain_text', text: value }, value })),
};
const blocks = [
  {
    type: 'section',
    block_id: 'head',
    text: { type: 'mrkdwn', text: '*OOMKilled* checkout' },
    accessory: menu,
  },
  { type: 'actions', block_id: 'buttons', elements: [apply] },
];

async function postBlocks({ alerts, client }: TestSlack): Promise<string> {
  const posted = await client.apiCall('chat.postMessage', { channel: alerts, text: 'killed', blocks });
  return (posted as { ts?: string }).ts ?? '';
}

describe('clicks', () => {
  test('a button reaches Bolt with everything that Slack sends', async () => {
    const bodies: BlockAction[] = [];
    const slack = await startWithApp((app) => {
      app.action<BlockAction>('apply', async ({ ack, body }) => {
        bodies.push(body);
        await ack();
      });
    });
    const ts = await postBlocks(slack);

    const result = await slack.control.click({ user: 'amira', channel: '#oom-alerts', ts, actionId: 'apply' });

    expect(result).toMatchObject({ ok: true, ack: { ms: expect.any(Number) } });
    expect(bodies).toMatchObject([
      {
        type: 'block_actions',
        user: { id: slack.people.amira, username: 'amira', team_id: slack.workspace.team.id },
        api_app_id: slack.workspace.bot.appId,
        container: { type: 'message', message_ts: ts, channel_id: slack.alerts, is_ephemeral: false },
        trigger_id: expect.any(String),
        team: { id: slack.workspace.team.id, domain: 'sandbox' },
        channel: { id: slack.alerts, name: 'oom-alerts' },
        message: { type: 'message', ts, text: 'killed', bot_id: slack.workspace.bot.botId },
        state: { values: {} },
        response_url: expect.stringContaining('/response/'),
        actions: [
          {
            type: 'button',
            action_id: 'apply',
            block_id: 'buttons',
            value: 'INC-7F3K',
            style: 'primary',
            action_ts: expect.any(String),
          },
        ],
      },
    ]);
  });

  test('an option of a menu reaches Bolt, and only one that there is', async () => {
    const bodies: BlockAction[] = [];
    const slack = await startWithApp((app) => {
      app.action<BlockAction>('more', async ({ ack, body }) => {
        bodies.push(body);
        await ack();
      });
    });
    const ts = await postBlocks(slack);
    const choice = { user: 'sam', channel: 'oom-alerts', ts, actionId: 'more' };

    const chosen = await slack.control.click({ ...choice, value: 'logs' });
    const missing = await slack.control.click({ ...choice, value: 'heap' });

    expect(chosen.ok).toBe(true);
    expect(missing).toEqual({ ok: false, error: 'no_such_option' });
    expect(bodies).toMatchObject([
      { actions: [{ type: 'overflow', selected_option: { value: 'logs', text: { text: 'logs' } } }] },
    ]);
  });

  test('a button that opens a URL is told to the app too', async () => {
    const urls: unknown[] = [];
    const slack = await startWithApp((app) => {
      app.action<BlockAction>('open', async ({ ack, body }) => {
        urls.push(body.actions);
        await ack();
      });
    });
    const open = {
      type: 'button',
      action_id: 'open',
      url: 'https://example.com/pull/7',
      text: { type: 'plain_text', text: 'Open' },
    };
    const elements = [open];
    const posted = await slack.client.apiCall('chat.postMessage', {
      channel: slack.alerts,
      text: 'x',
      blocks: [{ type: 'actions', elements }],
    });
    const { ts = '' } = posted as { ts?: string };

    const result = await slack.control.click({ user: 'sam', channel: 'oom-alerts', ts, actionId: 'open' });

    expect(result.ok).toBe(true);
    expect(urls).toMatchObject([[{ type: 'button', url: 'https://example.com/pull/7' }]]);
  });

  test('a button of an ephemeral message works only for the person who sees it', async () => {
    const containers: unknown[] = [];
    const slack = await startWithApp((app) => {
      app.action<BlockAction>('apply', async ({ ack, body }) => {
        containers.push([body.container['is_ephemeral'], body.message]);
        await ack();
      });
    });
    const answer = await slack.client.apiCall('chat.postEphemeral', {
      channel: slack.alerts,
      user: slack.people.sam,
      text: 'x',
      blocks,
    });
    const { message_ts: ts = '' } = answer as { message_ts?: string };
    const click = { channel: 'oom-alerts', ts, actionId: 'apply' };

    const other = await slack.control.click({ ...click, user: 'amira' });
    const own = await slack.control.click({ ...click, user: 'sam' });

    expect(other).toEqual({ ok: false, error: 'message_not_found' });
    expect(own.ok).toBe(true);
    expect(containers).toEqual([[true, undefined]]);
  });

  test('a button that was replaced is gone, unless the client is slow', async () => {
    const clicked: unknown[] = [];
    const slack = await startWithApp((app) => {
      app.action<BlockAction>('apply', async ({ ack, body }) => {
        clicked.push(body.actions[0]);
        await ack();
      });
    });
    const ts = await postBlocks(slack);
    await slack.client.chat.update({ channel: slack.alerts, ts, text: 'applied' });
    const click = { user: 'amira', channel: 'oom-alerts', ts, actionId: 'apply' };

    const fresh = await slack.control.click(click);
    const stale = await slack.control.click({ ...click, stale: true });

    expect(fresh).toEqual({ ok: false, error: 'no_such_action' });
    expect(stale.ok).toBe(true);
    expect(clicked).toMatchObject([{ value: 'INC-7F3K' }]);
  });

  test('an action that is not acknowledged in time fails for the person and is delivered once more', async () => {
    const triggers: string[] = [];
    const slack = await startWithApp(
      (app) => {
        app.action<BlockAction>('apply', async ({ body }) => {
          triggers.push(body.trigger_id);
        });
      },
      { acknowledgeWithinMs: 300 },
    );
    const ts = await postBlocks(slack);

    const result = await slack.control.click({ user: 'amira', channel: 'oom-alerts', ts, actionId: 'apply' });
    await eventually(() => {
      expect(triggers).toHaveLength(2);
    });

    expect(result).toEqual({ ok: false, error: 'operation_timeout' });
    expect(new Set(triggers).size).toBe(1);
  });
});
