import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { boltApp, startTestSlack, startWithApp } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

describe('slash commands', () => {
  test('reach Bolt with who, where and what', async () => {
    const commands: unknown[] = [];
    const slack = await startWithApp((app) => {
      app.command('/oom', async ({ ack, command }) => {
        commands.push(command);
        await ack();
      });
    });

    const result = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom why INC-7F3K' });

    expect(result).toEqual({ ok: true, ack: { ms: expect.any(Number) } });
    expect(commands).toMatchObject([
      {
        command: '/oom',
        text: 'why INC-7F3K',
        user_id: slack.people.sam,
        user_name: 'sam',
        channel_id: slack.alerts,
        channel_name: 'oom-alerts',
        api_app_id: slack.workspace.bot.appId,
      },
    ]);
  });

  test('answers that the bot never gives are logged: in the acknowledgement, and one that deletes a message', async () => {
    const slack = await startWithApp((app) => {
      app.command('/oom', async ({ ack, respond }) => {
        await ack('nothing open');
        await respond({ delete_original: true, text: 'x' }).catch(() => undefined);
      });
    });

    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });

    await eventually(() =>
      expect(slack.complaints.map(({ message }) => message)).toEqual([
        'this Slack does not cover answers in the acknowledgement',
        'this Slack does not cover answers that delete a message',
      ]),
    );
    expect(slack.store.ephemerals()).toEqual([]);
  });

  test('fail visibly when the app does not answer, or there is none', async () => {
    const slack = await startWithApp(
      (app) => {
        app.command('/oom', async () => undefined);
      },
      { acknowledgeWithinMs: 1_000 },
    );
    const command = { user: 'sam', channel: 'oom-alerts' };

    const silent = await slack.control.command({ ...command, text: '/oom slow' });
    const unknown = await slack.control.command({ ...command, text: '/deploy now' });

    expect([silent, unknown]).toEqual([
      { ok: false, error: 'operation_timeout' },
      { ok: false, error: 'invalid_command' },
    ]);
    expect(slack.control.state()['ephemerals']).toMatchObject([
      { user: slack.people.sam, from: 'USLACKBOT', text: '/oom failed with the error "operation_timeout"' },
    ]);
  });
});

describe('response URLs', () => {
  test('take five responses and refuse the sixth', async () => {
    const urls: string[] = [];
    const slack = await startWithApp((app) => {
      app.command('/oom', async ({ ack, command }) => {
        urls.push(command.response_url);
        await ack();
      });
    });
    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    const respond = async (): Promise<unknown> => {
      const response = await fetch(urls[0] ?? '', { method: 'POST', body: JSON.stringify({ text: 'late' }) });
      return [response.status, await response.json()];
    };

    const answers: unknown[] = [];
    for (let use = 0; use < 6; use += 1) answers.push(await respond());

    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => [200, { ok: true }]));
    expect(answers[5]).toEqual([404, { ok: false, error: 'used_url' }]);
    expect(slack.control.state()['ephemerals']).toHaveLength(5);
    expect(slack.requestLog().filter((entry) => entry.kind === 'response-url')).toHaveLength(6);
  });

  test('edit what a command was answered with before, and the message that was clicked', async () => {
    const slack = await startWithApp((app) => {
      app.command('/oom', async ({ ack, respond }) => {
        await ack();
        const button = {
          type: 'button' as const,
          action_id: 'next',
          text: { type: 'plain_text' as const, text: 'Next' },
        };
        await respond({ text: 'wait', replace_original: true });
        await respond({ text: 'page 1', blocks: [{ type: 'actions', elements: [button] }], replace_original: true });
      });
      app.action('next', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'page 2', replace_original: true });
      });
    });
    const shown = (): readonly string[] => slack.store.ephemerals().map(({ text }) => text);

    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    await eventually(() => expect(shown()).toEqual(['page 1']));
    const ts = slack.store.ephemerals()[0]?.ts ?? '';
    await slack.control.click({ user: 'sam', channel: 'oom-alerts', ts, actionId: 'next' });

    await eventually(() => expect(shown()).toEqual(['page 2']));
  });

  test('expire after half an hour and refuse bad blocks', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock });
    const app = boltApp(slack);
    const urls: string[] = [];
    app.command('/oom', async ({ ack, command }) => {
      urls.push(command.response_url);
      await ack();
    });
    await app.start();
    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    const respond = async (body: object): Promise<unknown> =>
      (await fetch(urls[0] ?? '', { method: 'POST', body: JSON.stringify(body) })).json();

    const bad = await respond({ text: 'x', blocks: [{ type: 'section' }] });
    await clock.advance(30 * 60_000);
    const late = await respond({ text: 'x' });

    expect(bad).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(late).toEqual({ ok: false, error: 'expired_url' });
  });
});
