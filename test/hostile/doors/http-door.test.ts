import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { serverBounds, type ServerBounds } from '../../../src/app/bounded-server.ts';
import { type Hook, type HooksServer, type Refused, startHooksServer } from '../../../src/app/hooks/hooks-server.ts';
import { startOpsServer } from '../../../src/app/ops-server.ts';
import { eventually } from '../../eventually.ts';

const MiB = 2 ** 20;
const signature = `sha256=${createHmac('sha256', 'secret').update('body').digest('hex')}`;

/** Takes whatever has a header that looks like a signature. */
const hook: Hook = {
  path: '/hook',
  unsigned: (headers) => (headers['x-signature'] === undefined ? 'There is no signature.' : null),
  answer: async ({ body }) => ({ status: 200, body: `${body.length}` }),
};

/** How long a request may take has a test of its own: here a machine that is late is not cut off. */
const patient = { headersMs: 60_000, requestMs: 60_000 };

async function open(bounds: Partial<ServerBounds> = {}): Promise<{ server: HooksServer; refused: Refused[] }> {
  const refused: Refused[] = [];
  const server = await startHooksServer('127.0.0.1', 0, [hook], {
    bounds: { ...serverBounds, ...patient, ...bounds },
    refused: (one) => refused.push(one),
  });
  onTestFinished(server.close);
  return { server, refused };
}

interface Talk {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly isClosed: () => boolean;
}

/** A connection that sends this and stays open; errors of it are of no interest. */
async function talk(port: number, sent: string | Buffer): Promise<Talk> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  let closed = false;
  socket.on('data', (chunk) => (heard += chunk.toString('utf8')));
  socket.on('error', () => undefined);
  socket.once('close', () => (closed = true));
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  if (sent.length > 0) socket.write(sent);
  return { socket, heard: () => heard, isClosed: () => closed };
}

function head(length: number, headers = ''): string {
  return `POST /hook HTTP/1.1\r\nhost: bot\r\n${headers}content-length: ${length}\r\n\r\n`;
}

async function send(port: number, body: string): Promise<string> {
  const headers = { 'x-signature': signature };
  const answer = await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body, headers });
  return `${answer.status} ${await answer.text()}`;
}

test('whoever signs nothing is refused by the headers alone, and 80 of them hold not one byte', async () => {
  const { server, refused } = await open();
  // The limit that one body has, and half of it sent: memory, where anybody waits for the rest.
  const unsigned = Buffer.concat([Buffer.from(head(2 * MiB)), Buffer.alloc(MiB)]);

  const all = await Promise.all(Array.from({ length: 80 }, () => talk(server.port, unsigned)));

  await eventually(() => expect(all.every(({ heard }) => heard().startsWith('HTTP/1.1 401'))).toBe(true));
  expect(all[0]?.heard()).toContain('There is no signature.');
  expect(server.held()).toBe(0);
  expect(refused).toHaveLength(80);
  expect(await send(server.port, 'a click')).toBe('200 7');
});

test('bodies that look signed fill no more than their bound together, and a small one still gets through', async () => {
  const { server } = await open();
  const signed = Buffer.concat([Buffer.from(head(2 * MiB, `x-signature: ${signature}\r\n`)), Buffer.alloc(MiB + 1)]);
  let most = 0;

  const all = await Promise.all(Array.from({ length: 40 }, () => talk(server.port, signed)));
  const answers: string[] = [];
  await eventually(async () => {
    answers.push(await send(server.port, 'a click'));
    most = Math.max(most, server.held());
    const refused = all.filter(({ heard }) => heard().startsWith('HTTP/1.1 503')).length;
    expect(refused >= 32 || most > serverBounds.heldBytes).toBe(true);
  });

  expect(new Set(answers)).toEqual(new Set(['200 7']));
  expect(most).toBeGreaterThan(8 * MiB);
  expect(most).toBeLessThanOrEqual(serverBounds.heldBytes);
  for (const { socket } of all) socket.destroy();
  await eventually(() => expect(server.held()).toBe(0));
});

test('a body that comes byte by byte costs no more than its bytes', async () => {
  const { server } = await open();
  const chunks = 'x'.repeat(50_000).replaceAll('x', '1\r\nx\r\n');
  const chunked = `POST /hook HTTP/1.1\r\nhost: bot\r\nx-signature: ${signature}\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`;

  const one = await talk(server.port, chunked);

  await eventually(() => expect(server.held()).toBeGreaterThanOrEqual(50_000));
  expect(server.held()).toBeLessThan(200_000);
  one.socket.write('0\r\n\r\n');
  await eventually(() => expect(one.heard()).toContain('50000'));
});

test.each([
  ['says so in its length', head(2 * MiB + 1, `x-signature: ${signature}\r\n`)],
  [
    'says nothing of it',
    `POST /hook HTTP/1.1\r\nhost: bot\r\nx-signature: ${signature}\r\ntransfer-encoding: chunked\r\n\r\n300000\r\n${'x'.repeat(3 * MiB)}`,
  ],
])('a body that is too long and %s is refused with 413', async (_, sent) => {
  const { server } = await open();

  const one = await talk(server.port, sent);

  await eventually(() => expect(one.heard()).toContain('HTTP/1.1 413'));
  expect(server.held()).toBe(0);
});

test('of too many connections the oldest that sent no whole request gives way to whoever comes with one', async () => {
  const { server, refused } = await open({ connections: 20 });

  const silent = await Promise.all(Array.from({ length: 60 }, () => talk(server.port, '')));

  await eventually(() => expect(silent.filter(({ isClosed }) => isClosed())).toHaveLength(40));
  expect(await send(server.port, 'a click')).toBe('200 7');
  expect(refused.filter(({ reason }) => reason === 'too-many-connections').length).toBeGreaterThanOrEqual(41);
});

test.each([
  ['headers', 'POST /hook HTTP/1.1\r\nhost: bot\r\n'],
  ['a body', `${head(100, `x-signature: ${signature}\r\n`)}half`],
  ['nothing at all', ''],
])('whoever is slow with %s is cut off, with 408', async (_, sent) => {
  const { server } = await open({ headersMs: 200, requestMs: 200, checkMs: 50 });

  const slow = await talk(server.port, sent);

  await eventually(() => expect(slow.isClosed()).toBe(true));
  expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 .*not complete in time/s);
  expect(server.held()).toBe(0);
});

test('ten seconds are what both have', () => {
  expect(serverBounds).toMatchObject({ headersMs: 10_000, requestMs: 10_000 });
  expect(serverBounds.checkMs).toBeLessThanOrEqual(1_000);
});

test('the server for probes and metrics has the same bounds', async () => {
  const url = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    ready: [],
    alive: [],
    warnings: () => [],
    metrics: createMetrics('bot'),
    bounds: { ...serverBounds, connections: 10, headersMs: 2_000, requestMs: 2_000, checkMs: 50 },
  });
  onTestFinished(url.close);
  const port = Number(new URL(url.url).port);

  const silent = await Promise.all(Array.from({ length: 30 }, () => talk(port, 'GET /healthz HTTP/1.1\r\n')));

  expect((await fetch(`${url.url}/healthz`)).status).toBe(200);
  await eventually(() => expect(silent.every(({ isClosed }) => isClosed())).toBe(true));
});
