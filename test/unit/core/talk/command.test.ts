import { expect, test } from 'vitest';
import { parseCommand } from '../../../../src/core/talk/command.ts';

test.each([
  ['', { is: 'help' }],
  ['help', { is: 'help' }],
  ['list', { is: 'list', scope: [] }],
  ['  LIST  Prod shop ', { is: 'list', scope: ['prod', 'shop'] }],
  ['why INC-7F3K', { is: 'why', incident: 'INC-7F3K' }],
  ['why 7f3k', { is: 'why', incident: 'INC-7F3K' }],
  ['why inc-oli1', { is: 'why', incident: 'INC-0111' }],
  ['INC-7F3K', { is: 'why', incident: 'INC-7F3K' }],
  ['why', { is: 'why-what' }],
  ['lsit', { is: 'unknown', word: 'lsit', meant: 'list' }],
  ['wyh', { is: 'unknown', word: 'wyh', meant: 'why' }],
  ['helpp', { is: 'unknown', word: 'helpp', meant: 'help' }],
  ['frobnicate', { is: 'unknown', word: 'frobnicate', meant: null }],
])('"/oom %s" is read as %o', (text, expected) => {
  const { command, share } = parseCommand(text);

  expect(command).toEqual(expected);
  expect(share).toBe(false);
});

test.each([
  ['list --share', { is: 'list', scope: [] }],
  ['list prod --share', { is: 'list', scope: ['prod'] }],
  ['--share why 7f3k', { is: 'why', incident: 'INC-7F3K' }],
  ['list —share', { is: 'list', scope: [] }],
])('"/oom %s" is for the whole channel', (text, expected) => {
  expect(parseCommand(text)).toEqual({ command: expected, share: true });
});
