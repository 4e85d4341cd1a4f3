import { describe, expect, onTestFinished, test } from 'vitest';
import { startControl } from '../../../sandbox/control.ts';
import { slackRoutes } from '../../../sandbox/slack/slack-routes.ts';
import { boltApp, startTestSlack, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

async function startTestControl(slack: TestSlack): Promise<string> {
  const files = new Map([['/index.html', { contentType: 'text/html; charset=utf-8', body: '<p>page</p>' }]]);
  const control = await startControl({ routes: slackRoutes(slack), files, port: 0 });
  onTestFinished(control.close);
  return control.url;
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return response.json();
}

describe('the control API', () => {
  test('serves the page on the same origin', async () => {
    const url = await startTestControl(await startTestSlack());

    const page = await fetch(`${url}/`);
    const missing = await fetch(`${url}/nothing`);

    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toBe('<p>page</p>');
    expect(missing.status).toBe(404);
  });

  test('shows people, channels, messages with replies and ephemeral messages', async () => {
    const slack = await startTestSlack();
    const url = await startTestControl(slack);
    const { ts = '' } = await slack.client.chat.postMessage({ channel: slack.alerts, text: 'root' });
    await slack.client.chat.postMessage({ channel: slack.alerts, text: 'reply', thread_ts: ts });
    await slack.client.chat.postEphemeral({ channel: slack.alerts, user: slack.people.sam, text: 'psst' });

    const state: unknown = await (await fetch(`${url}/slack/state`)).json();

    expect(state).toMatchObject({
      version: 3,
      users: [
        { name: 'amira', note: 'may approve' },
        { name: 'sam', note: 'may not approve' },
        { name: 'lena', note: 'may not approve' },
        { name: 'Oomkeeper', isBot: true },
      ],
      channels: [
        {
          name: 'oom-alerts',
          isArchived: false,
          messages: [{ ts, text: 'root', reply_count: 1, replies: [{ text: 'reply' }] }],
        },
        { name: 'payments' },
        { name: 'general' },
      ],
      ephemerals: [{ channel: slack.alerts, user: slack.people.sam, text: 'psst' }],
    });
  });

  test('tells about every change by server-sent events', async () => {
    const slack = await startTestSlack();
    const url = await startTestControl(slack);
    const response = await fetch(`${url}/slack/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();

    const first = await reader?.read();
    await slack.client.chat.postMessage({ channel: slack.alerts, text: 'x' });
    const second = await reader?.read();
    await reader?.cancel();

    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(first?.value).toBe('event: state\ndata: {"version":0}\n\n');
    expect(second?.value).toBe('event: state\ndata: {"version":1}\n\n');
  });

  test('runs commands and clicks, and says what went wrong', async () => {
    const slack = await startTestSlack();
    const url = await startTestControl(slack);
    const app = boltApp(slack);
    app.command('/oom', async ({ ack }) => ack());
    app.action('apply', async ({ ack }) => ack());
    await app.start();
    const { ts } = await slack.client.chat.postMessage({
      channel: slack.alerts,
      text: 'x',
      blocks: [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'apply', text: { type: 'plain_text', text: 'Apply' } }],
        },
      ],
    });
    const click = { user: slack.people.amira, channel: slack.alerts, ts };

    const command = await post(`${url}/slack/command`, { user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    const clicked = await post(`${url}/slack/click`, { ...click, action_id: 'apply' });
    const missing = await post(`${url}/slack/click`, { ...click, action_id: 'reject' });
    const incomplete = await post(`${url}/slack/click`, { user: 'sam' });

    expect(command).toMatchObject({ ok: true, ack: { ms: expect.any(Number) } });
    expect(clicked).toMatchObject({ ok: true });
    expect(missing).toEqual({ ok: false, error: 'no_such_action' });
    expect(incomplete).toEqual({ ok: false, error: 'invalid_arguments' });
  });

  test('types into, submits and closes a modal', async () => {
    const slack = await startTestSlack();
    const url = await startTestControl(slack);
    const app = boltApp(slack);
    app.command('/oom', async ({ ack, client, command }) => {
      await ack();
      const plain = (text: string) => ({ type: 'plain_text' as const, text });
      const input = {
        type: 'input' as const,
        block_id: 'b',
        label: plain('Limit'),
        element: { type: 'plain_text_input' as const, action_id: 'limit' },
      };
      const view = { type: 'modal' as const, title: plain('Edit'), submit: plain('Apply'), blocks: [input] };
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    app.view(/.*/, async ({ ack }) => ack({ response_action: 'errors', errors: { b: 'Too small.' } }));
    await app.start();
    const user = 'sam';
    await slack.control.command({ user, channel: 'oom-alerts', text: '/oom edit' });
    await eventually(() => expect(slack.control.state()['modals']).toHaveLength(1));

    const typed = await post(`${url}/slack/view/act`, { user, action_id: 'limit', value: '1Mi' });
    const submitted = await post(`${url}/slack/view/submit`, { user });
    const wrong = await post(`${url}/slack/view/submit`, { user, values: { limit: 5 } });
    const closed = await post(`${url}/slack/view/close`, { user });
    const gone = await post(`${url}/slack/view/close`, { user });
    const incomplete = await post(`${url}/slack/view/act`, { user });

    expect(typed).toEqual({ ok: true });
    expect(submitted).toMatchObject({ ok: true, became: { action: 'errors', errors: { b: 'Too small.' } } });
    expect([wrong, incomplete]).toEqual([
      { ok: false, error: 'invalid_arguments' },
      { ok: false, error: 'invalid_arguments' },
    ]);
    expect([closed, gone]).toEqual([{ ok: true }, { ok: false, error: 'view_not_found' }]);
  });

  test('gives a shared file to the page, as nothing that could run there', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const url = await startTestControl(slack);
    for (const [filename, content] of [
      ['a.html', '<script>'],
      ['a.log', 'x'.repeat(5_000)],
    ] as const) {
      const reserved = await slack.client.files.getUploadURLExternal({ filename, length: content.length });
      await fetch(reserved.upload_url ?? '', { method: 'POST', body: content });
      const files: [{ id: string }] = [{ id: reserved.file_id ?? '' }];
      await slack.client.files.completeUploadExternal({ files, channel_id: slack.alerts });
    }
    const state = slack.control.state();
    const files = Object.values(state['files'] as Record<string, { url: string; text?: string; is_cut?: boolean }>);

    const page = await fetch(`${url}${files[0]?.url}`);
    const missing = await fetch(`${url}/slack/file?id=F404`);

    expect(page.headers.get('content-type')).toBe('application/octet-stream');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await page.text()).toBe('<script>');
    expect(missing.status).toBe(404);
    expect(files[0]).not.toHaveProperty('text');
    expect(files[1]).toMatchObject({ shown_as: 'text', text: 'x'.repeat(4_000), is_cut: true });
    expect(state['channels']).toMatchObject([{ messages: [{ files: [expect.any(String)] }, {}] }, {}, {}]);
  });

  test('refuses broken JSON and wrong verbs clearly', async () => {
    const url = await startTestControl(await startTestSlack());

    const broken = await fetch(`${url}/slack/command`, { method: 'POST', body: '{' });
    const verb = await fetch(`${url}/slack/command`);

    expect([broken.status, verb.status]).toEqual([400, 405]);
    expect(await broken.json()).toMatchObject({ ok: false, error: 'invalid_json' });
  });

  test('takes the next port when the wanted one is taken', async () => {
    const first = await startControl({ routes: [], port: 0 });
    onTestFinished(first.close);
    const taken = Number(new URL(first.url).port);

    const second = await startControl({ routes: [], port: taken });
    onTestFinished(second.close);

    expect(Number(new URL(second.url).port)).toBeGreaterThan(taken);
  });
});
