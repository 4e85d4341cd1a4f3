import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { Slack } from '../../../sandbox/slack/start-slack.ts';
import { boltApp, refusalOf, startTestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

async function openUrl(slack: Slack): Promise<string> {
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.appToken}` },
  });
  return ((await response.json()) as { url: string }).url;
}

/** Sooner than Bolt's own, and longer than this process is late: within it a connection has to show that it lives. */
const soonBack = 3_000;

/** A socket and the first message that came through it; undefined when it was refused. */
async function connect(url: string): Promise<{ socket: WebSocket; first: Record<string, unknown> | undefined }> {
  const socket = new WebSocket(url);
  const first = await new Promise<Record<string, unknown> | undefined>((resolve) => {
    socket.once('message', (data: Buffer) => {
      resolve(JSON.parse(data.toString()) as Record<string, unknown>);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });
  return { socket, first };
}

describe('Socket Mode connections', () => {
  test('need the app token', async () => {
    const { client } = await startTestSlack();

    const refusal = await refusalOf(client.apps.connections.open({}));

    expect(refusal.error).toBe('not_allowed_token_type');
  });

  test('begin with hello, and a ticket works once', async () => {
    const slack = await startTestSlack();
    const url = await openUrl(slack);

    const { first } = await connect(url);
    const again = await connect(url);

    expect(first).toMatchObject({
      type: 'hello',
      num_connections: 1,
      debug_info: { host: expect.any(String), approximate_connection_time: 4500 },
      connection_info: { app_id: slack.workspace.bot.appId },
    });
    expect(again.first).toBeUndefined();
  });

  test('are at most ten', async () => {
    const slack = await startTestSlack();
    const firsts: unknown[] = [];
    for (let n = 0; n < 11; n += 1) firsts.push((await connect(await openUrl(slack))).first);

    expect(firsts.slice(0, 10)).toMatchObject(
      Array.from({ length: 10 }, (_, n) => ({ type: 'hello', num_connections: n + 1 })),
    );
    expect(firsts[10]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    expect(slack.control.connections()).toBe(10);
  });

  test('get each envelope on one of them, chosen at random', async () => {
    const picks = [0, 0.99, 0.5];
    const slack = await startTestSlack({ random: () => picks.shift() ?? 0 });
    const answeredBy: number[] = [];
    for (const index of [0, 1, 2]) {
      const { socket } = await connect(await openUrl(slack));
      socket.on('message', (data: Buffer) => {
        const { envelope_id } = JSON.parse(data.toString()) as { envelope_id: string };
        answeredBy.push(index);
        socket.send(JSON.stringify({ envelope_id }));
      });
    }

    for (const text of ['/oom 1', '/oom 2', '/oom 3']) {
      await slack.control.command({ user: 'sam', channel: 'oom-alerts', text });
    }

    expect(answeredBy).toEqual([0, 2, 1]);
  });

  test('come back after a refresh, and with two of them no command is lost meanwhile', async () => {
    const slack = await startTestSlack();
    const seen: string[] = [];
    const apps = [boltApp(slack, soonBack), boltApp(slack, soonBack)];
    for (const app of apps) {
      app.command('/oom', async ({ ack, command }) => {
        seen.push(command.text);
        await ack();
      });
      await app.start();
    }

    slack.faults.inject({ kind: 'disconnect-refresh' });
    const meanwhile = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom early' });
    await eventually(() => expect(slack.control.connections()).toBe(2));
    const later = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom late' });

    expect([meanwhile.ok, later.ok]).toEqual([true, true]);
    expect(seen).toEqual(['early', 'late']);
    expect(slack.faults.list()).toMatchObject([{ kind: 'disconnect-refresh', fired: 1 }]);
  });

  test('fail a command at once while the only one is refreshed', async () => {
    const slack = await startTestSlack();
    const app = boltApp(slack);
    app.command('/oom', async ({ ack }) => ack());
    await app.start();

    slack.faults.inject({ kind: 'disconnect-refresh' });
    const meanwhile = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom early' });

    expect(meanwhile).toEqual({ ok: false, error: 'dispatch_failed' });
  });

  test('are refreshed from time to time', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock, refreshEveryMs: 100 });

    const { first, socket } = await connect(await openUrl(slack));
    const asked = new Promise<unknown>((resolve) => {
      socket.once('message', (data: Buffer) => {
        resolve(JSON.parse(data.toString()));
      });
    });
    await clock.advance(200);
    const next = await asked;

    expect(first).toMatchObject({ type: 'hello' });
    expect(next).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' });
    expect(slack.control.connections()).toBe(0);
  });

  test('come back after they were dropped without a word', async () => {
    const slack = await startTestSlack();
    const app = boltApp(slack, soonBack);
    app.command('/oom', async ({ ack }) => ack());
    await app.start();

    slack.faults.inject({ kind: 'drop-sockets' });
    await eventually(() => expect(slack.control.connections()).toBe(0));
    await eventually(() => expect(slack.control.connections()).toBe(1));
    const result = await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });

    expect(result.ok).toBe(true);
  });

  test('a revoked app token stops an app that starts', async () => {
    const slack = await startTestSlack();
    const app = boltApp(slack);
    slack.faults.inject({ kind: 'invalid_auth', method: 'apps.connections.open' });

    await expect(app.start()).rejects.toThrow('invalid_auth');
  });
});

describe('delivery', () => {
  test('an envelope can come twice with the same content', async () => {
    const slack = await startTestSlack();
    const app = boltApp(slack);
    const triggers: string[] = [];
    app.command('/oom', async ({ ack, command }) => {
      triggers.push(command.trigger_id);
      await ack();
    });
    await app.start();
    slack.faults.inject({ kind: 'duplicate-delivery' });

    await slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    await eventually(() => expect(triggers.length).toBe(2));

    expect(new Set(triggers).size).toBe(1);
    expect(slack.faults.list()).toMatchObject([{ fired: 1 }]);
  });

  test('waits three seconds for a command, and repeats none', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock });
    const { socket } = await connect(await openUrl(slack));
    let attempts = 0;
    socket.on('message', () => {
      attempts += 1;
    });

    const command = slack.control.command({ user: 'sam', channel: 'oom-alerts', text: '/oom list' });
    await eventually(() => expect(attempts).toBe(1));
    await clock.advance(2_999);
    const early = slack.store.ephemerals().length;
    await clock.advance(1);
    const late = await command;
    await clock.advance(600_000);

    expect(early).toBe(0);
    expect(late).toEqual({ ok: false, error: 'operation_timeout' });
    expect(attempts).toBe(1);
  });
});
