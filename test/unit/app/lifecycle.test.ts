import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

interface Line {
  readonly msg: string;
  readonly name?: string;
  readonly part?: string;
  readonly error?: { readonly message: string };
}

/** A process whose start goes as `how` says; signals are sent when a line with that message appears. */
async function living(how: string, signals: Readonly<Record<string, NodeJS.Signals>> = {}) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('lifecycle-child.ts', import.meta.url)), how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    const signal = signals[line.msg];
    if (signal) child.kill(signal);
  }
  await closed;
  return {
    code: child.exitCode,
    messages: lines.map(({ msg }) => msg),
    stopped: lines.flatMap(({ msg, name }) => (msg === 'part stopped' && name !== undefined ? [name] : [])),
    lines,
  };
}

test('a signal stops the parts in the opposite order of their start, whether or not one of them is stuck', async () => {
  const { code, stopped, messages, lines } = await living('well', { started: 'SIGINT' });

  expect(code).toBe(0);
  expect(stopped).toEqual(['third', 'second', 'first']);
  expect(lines.find(({ msg }) => msg === 'stop failed')).toMatchObject({
    part: 'second',
    error: { message: 'it is stuck' },
  });
  expect(messages.at(-1)).toBe('stopped');
});

test.each([
  ['fails at the start', 'no route'],
  ['fails later', 'invalid_auth'],
  ['leaves a rejection', 'nobody cares'],
])('a process that %s stops in order, with exit code 1 and the reason', async (how, reason) => {
  const { code, stopped, lines } = await living(how);

  expect(code).toBe(1);
  expect(stopped).toEqual(['first']);
  expect(lines.find(({ msg }) => msg === 'fatal')?.error?.message).toBe(reason);
});

test('a start that still waits for something is cut short, and what it adds is stopped', async () => {
  const { code, stopped, messages } = await living('waits', { started: 'SIGTERM' });

  expect(code).toBe(0);
  expect(stopped.toSorted()).toEqual(['first', 'late']);
  expect(messages).toContain('start cut short');
  expect(messages).not.toContain('fatal');
});

test('a second signal ends it at once', async () => {
  const { code, messages } = await living('hangs at the end', { started: 'SIGTERM', 'part stopped': 'SIGTERM' });

  expect(code).toBe(1);
  expect(messages).not.toContain('stopped');
});
