import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rawCharacters } from './raw-characters.ts';
import { startProgress } from '../../../../src/app/command-line/progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('TERM', 'xterm-256color');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function output(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) > 0 };
}

test('in a pipe each step is one line, told once, without redraw codes', () => {
  const pipe = output(false);
  const progress = startProgress(pipe);

  progress.say('reading pods');
  progress.say('reading pods', '500');
  progress.say('reading pods', '1000');
  progress.say('looking for the causes', '1 of 3');
  vi.advanceTimersByTime(5_000);
  progress.end();

  expect(pipe.written).toEqual(['reading pods\n', 'looking for the causes\n']);
});

test('in a terminal one line moves, is never longer than the terminal, and is gone at the end', () => {
  const terminal = output(true, 20);
  const progress = startProgress(terminal);

  progress.say('reading pods');
  progress.say('reading pods', '500');
  vi.advanceTimersByTime(1_000);
  progress.say('looking for the causes of many kills');
  progress.end();
  const shown = terminal.written.map((text) => text.replace('\r\u001b[K', ''));

  expect(shown).toContain('◒ reading pods');
  expect(shown.some((text) => text.endsWith(' reading pods: 500'))).toBe(true);
  expect(new Set(shown.map((text) => text[0])).size).toBeGreaterThan(3);
  expect(shown.filter((text) => text.length >= 20 || text.includes('\n'))).toEqual([]);
  expect(terminal.written.every((text) => text.startsWith('\r\u001b[K'))).toBe(true);
  expect(shown.at(-1)).toBe('');
});

test('after its end nothing is written any more, however often it is ended', () => {
  const terminal = output(true);
  const progress = startProgress(terminal);
  progress.end();
  expect(terminal.written).toEqual([]);

  progress.say('reading pods');
  progress.end();
  progress.end();
  const before = terminal.written.length;
  vi.advanceTimersByTime(5_000);

  expect(terminal.written.length).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});

test('a terminal that cannot move its cursor gets plain lines', () => {
  vi.stubEnv('TERM', 'dumb');
  const terminal = output(true);

  startProgress(terminal).say('reading pods', '500');

  expect(terminal.written).toEqual(['reading pods\n']);
});

test.each([true, false])('a hostile name in a step changes nothing in a terminal (%s)', (isTTY) => {
  const seen = output(isTTY);

  const progress = startProgress(seen);
  progress.say('connecting to https://a\u001b[2J\nb');
  progress.end();

  expect(seen.written.join('').replaceAll('\r\u001b[K', '').trimEnd()).not.toMatch(/\n/);
  expect(seen.written.join('').replaceAll('\r\u001b[K', '')).not.toMatch(rawCharacters);
});
