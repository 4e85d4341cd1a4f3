import { createServer, type IncomingHttpHeaders } from 'node:http';
import { App, type BlockAction, HTTPReceiver } from '@slack/bolt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { listen } from '../../../sandbox/listen.ts';
import { silentLogger, startTestSlack, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

/** A pretend Slack that tells a Bolt app over signed HTTP. */
async function startWithHttpApp(prepare: (app: App) => void): Promise<TestSlack> {
  const slack = await startTestSlack();
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: silentLogger });
  const app = new App({
    token: slack.botToken,
    receiver,
    logger: silentLogger,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  prepare(app);
  const server = await app.start(0);
  onTestFinished(async () => {
    await app.stop();
  });
  const address = 'address' in server ? server.address() : null;
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  slack.control.setDelivery({ mode: 'http', url: `http://127.0.0.1:${port}/slack/events` });
  return slack;
}

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Any server at all, which answers with this status or never. */
async function startListener(status: number | 'silence'): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      if (status === 'silence') return;
      response.writeHead(status).end();
    });
  });
  const port = await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/`, heard };
}

describe('signed HTTP', () => {
  test('brings commands, clicks and submissions to Bolt, and their answers back', async () => {
    const slack = await startWithHttpApp((app) => {
      app.command('/oom', async ({ ack, command, respond }) => {
        await ack();
        await respond({ response_type: 'in_channel', text: command.text });
      });
      app.action<BlockAction>('edit', async ({ ack, body, client }) => {
        await ack();
        await client.views.open({
          trigger_id: body.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'edit',
            title: { type: 'plain_text', text: 'Edit value' },
            submit: { type: 'plain_text', text: 'Apply' },
            blocks: [
              {
                type: 'input',
                block_id: 'b',
                label: { type: 'plain_text', text: 'Limit' },
                element: { type: 'plain_text_input', action_id: 'limit' },
              },
            ],
          },
        });
      });
      app.view('edit', async ({ ack }) => ack({ response_action: 'errors', errors: { b: 'Too small.' } }));
    });
    const { alerts, client, control, store } = slack;
    const elements = [
      { type: 'button' as const, action_id: 'edit', text: { type: 'plain_text' as const, text: 'Edit' } },
    ];
    const { ts = '' } = await client.chat.postMessage({
      channel: alerts,
      text: 'x',
      blocks: [{ type: 'actions', elements }],
    });

    const command = await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom a=b&c=d é' });
    const clicked = await control.click({ user: 'sam', channel: 'oom-alerts', ts, actionId: 'edit' });
    await eventually(() => {
      expect(control.state()['modals']).toHaveLength(1);
    });
    const submitted = await control.viewSubmit({ user: 'sam', values: { limit: '1' } });

    expect([command.ok, clicked.ok]).toEqual([true, true]);
    await eventually(() => expect(store.timeline(alerts).map(({ text }) => text)).toEqual(['x', 'a=b&c=d é']));
    expect(submitted).toMatchObject({ ok: true, became: { action: 'errors', errors: { b: 'Too small.' } } });
    expect(control.http.sent().map(({ kind }) => kind)).toEqual(['slash_commands', 'interactive', 'interactive']);
    expect(slack.requestLog().filter(({ kind }) => kind.startsWith('socket'))).toEqual([]);
  });

  test('passes the two checks that Slack makes of a URL', async () => {
    const { control } = await startWithHttpApp(() => undefined);
    const delivery = control.delivery();

    const checks = await control.http.verify(delivery.mode === 'http' ? delivery.url : '');
    const nowhere = await control.http.verify('http://127.0.0.1:9/');

    expect(checks).toEqual({ sslCheck: true, challenge: true });
    expect(nowhere).toEqual({ sslCheck: false, challenge: false });
  });

  test('with a wrong signature or an old time stamp gets no further than the door', async () => {
    const commands: string[] = [];
    const { control, faults } = await startWithHttpApp((app) => {
      app.command('/oom', async ({ ack, command }) => {
        commands.push(command.text);
        await ack();
      });
    });
    const command = async (text: string): Promise<unknown> =>
      control.command({ user: 'sam', channel: 'oom-alerts', text: `/oom ${text}` });

    faults.inject({ kind: 'wrong-signature' });
    const forged = await command('forged');
    faults.inject({ kind: 'stale-timestamp' });
    const stale = await command('stale');
    const good = await command('good');

    expect([forged, stale]).toEqual([
      { ok: false, error: 'http_service_error' },
      { ok: false, error: 'http_service_error' },
    ]);
    expect(good).toMatchObject({ ok: true });
    expect(commands).toEqual(['good']);
    expect(faults.list()).toMatchObject([
      { kind: 'wrong-signature', fired: 1 },
      { kind: 'stale-timestamp', fired: 1 },
    ]);
  });

  test('comes twice while doubling stands', async () => {
    const { heard, url } = await startListener(200);
    const { control, faults } = await startTestSlack({ delivery: { mode: 'http', url } });
    faults.inject({ kind: 'duplicate-delivery', standing: true });

    await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom one' });
    await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom two' });
    await eventually(() => {
      expect(heard).toHaveLength(4);
    });

    expect(new Set(heard.map(({ body }) => body)).size).toBe(2);
    expect(faults.list()).toMatchObject([{ fired: 2 }]);
  });

  test('can be replayed byte for byte', async () => {
    const { heard, url } = await startListener(200);
    const { control } = await startTestSlack({ delivery: { mode: 'http', url } });
    const nothing = await control.http.replay();
    await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom one' });
    await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom two' });

    const newest = await control.http.replay();
    const first = await control.http.replay(1);

    expect(nothing).toBe('no_such_request');
    expect([newest, first]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(heard[2]).toEqual(heard[1]);
    expect(heard[3]).toEqual(heard[0]);
  });

  test('gives up on a command after three seconds and never repeats it', async () => {
    const clock = createHandClock();
    const { heard, url } = await startListener('silence');
    const { control, store } = await startTestSlack({ clock, delivery: { mode: 'http', url } });

    const command = control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    await eventually(() => {
      expect(heard).toHaveLength(1);
    });
    await clock.advance(3_000);
    const result = await command;
    await clock.advance(600_000);

    expect(result).toEqual({ ok: false, error: 'operation_timeout' });
    expect(store.ephemerals()).toMatchObject([{ text: '/oom failed with the error "operation_timeout"' }]);
    expect(heard).toHaveLength(1);
  });

  test('says that it could not be dispatched where nobody listens', async () => {
    const { control } = await startTestSlack({ delivery: { mode: 'http', url: 'http://127.0.0.1:9/' } });

    const result = await control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });

    expect(result).toEqual({ ok: false, error: 'dispatch_failed' });
  });

  test('takes over from Socket Mode and gives back while it runs', async () => {
    const { heard, url } = await startListener(200);
    const { control } = await startTestSlack();
    const command = async (): Promise<unknown> =>
      control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });

    const before = await command();
    control.setDelivery({ mode: 'http', url });
    const during = await command();
    control.setDelivery({ mode: 'socket' });
    const after = await command();

    expect([before, during, after]).toMatchObject([
      { ok: false, error: 'dispatch_failed' },
      { ok: true },
      { ok: false, error: 'dispatch_failed' },
    ]);
    expect(heard).toHaveLength(1);
  });
});
