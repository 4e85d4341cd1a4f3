import { expect, test } from 'vitest';
import { linesAboutChild, tellsOfKilledProcess } from '../../../../src/core/kill/child-words.ts';

test.each([
  'worker process 17 exited on signal 9',
  '[1] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?',
  'server process (PID 17) was terminated by signal 9: Killed',
  'child exited with status 137',
])('a supervisor says that a process was killed: %s', (line) => {
  expect(tellsOfKilledProcess(line)).toBe(true);
});

const lines = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `line ${from + at}`);

test.each([
  { what: 'the last lines where none tells', log: lines(0, 9), most: 3, kept: lines(6, 9) },
  {
    what: 'the lines up to shortly after the last one that tells',
    log: [...lines(0, 4), 'exited on signal 9', ...lines(5, 99)],
    most: 5,
    kept: ['line 2', 'line 3', 'exited on signal 9', 'line 5', 'line 6'],
  },
  { what: 'all where there are few', log: ['exited on signal 9'], most: 5, kept: ['exited on signal 9'] },
])('of a log are kept $what', ({ log, most, kept }) => {
  expect(linesAboutChild(log, most)).toEqual(kept);
});
