import { expect, test } from 'vitest';
import { parseCommand } from '../../../../src/core/talk/command.ts';

test.each([
  ['', { is: 'help', all: false }],
  ['help', { is: 'help', all: false }],
  ['help all', { is: 'help', all: true }],
  ['handoff Prod', { is: 'handoff', scope: ['prod'] }],
  ['debt', { is: 'debt', scope: [] }],
  ['list', { is: 'list', scope: [] }],
  ['  LIST  Prod shop ', { is: 'list', scope: ['prod', 'shop'] }],
  ['why INC-7F3K', { is: 'why', incident: 'INC-7F3K', names: [] }],
  ['why 7f3k', { is: 'why', incident: 'INC-7F3K', names: ['7f3k'] }],
  ['why cart', { is: 'why', incident: 'INC-CART', names: ['cart'] }],
  ['why Cart-7d9f-abcde', { is: 'why', incident: null, names: ['cart-7d9f-abcde'] }],
  ['why shop/cart', { is: 'why', incident: null, names: ['shop/cart'] }],
  ['why Prod sessions', { is: 'why', incident: null, names: ['prod', 'sessions'] }],
  ['why prod INC-7F3K', { is: 'why', incident: 'INC-7F3K', names: [] }],
  ['why inc-oli1', { is: 'why', incident: 'INC-0111', names: [] }],
  ['INC-7F3K', { is: 'why', incident: 'INC-7F3K', names: [] }],
  ['why', { is: 'which', word: 'why' }],
  ['show', { is: 'which', word: 'show' }],
  ['show 7f3k', { is: 'show', incident: 'INC-7F3K', names: ['7f3k'] }],
  ['show shop sessions', { is: 'show', incident: null, names: ['shop', 'sessions'] }],
  ['top', { is: 'top', scope: [] }],
  ['Top PROD prod/Shop', { is: 'top', scope: ['prod', 'prod/shop'] }],
  ['status', { is: 'status', scope: [] }],
  ['status prod', { is: 'status', scope: ['prod'] }],
  ['report', { is: 'report', days: 7, scope: [] }],
  ['report Prod 30d', { is: 'report', days: 30, scope: ['prod'] }],
  ['pause', { is: 'pause', scope: [], reason: null }],
  ['pause release Freeze', { is: 'pause', scope: [], reason: 'release Freeze' }],
  ['pause prod', { is: 'pause', scope: ['prod'], reason: null }],
  ['pause PROD db move', { is: 'pause', scope: ['prod'], reason: 'db move' }],
  ['pause off', { is: 'resume', scope: [] }],
  ['pause prod off', { is: 'resume', scope: ['prod'] }],
  ['pause off by one', { is: 'pause', scope: [], reason: 'off by one' }],
  ['resume', { is: 'resume', scope: [] }],
  ['resume prod', { is: 'resume', scope: ['prod'] }],
  ['lsit', { is: 'unknown', word: 'lsit', meant: 'list' }],
  ['wyh', { is: 'unknown', word: 'wyh', meant: 'why' }],
  ['helpp', { is: 'unknown', word: 'helpp', meant: 'help' }],
  ['tpo', { is: 'unknown', word: 'tpo', meant: 'top' }],
  ['statsu', { is: 'unknown', word: 'statsu', meant: 'status' }],
  ['shwo', { is: 'unknown', word: 'shwo', meant: 'show' }],
  ['resmue', { is: 'unknown', word: 'resmue', meant: 'resume' }],
  ['frobnicate', { is: 'unknown', word: 'frobnicate', meant: null }],
])('"/oom %s" is read as %o', (text, expected) => {
  const { command, share } = parseCommand(text, ['prod', 'staging']);

  expect(command).toEqual(expected);
  expect(share).toBe(false);
});

test.each([
  ['list --share', { is: 'list', scope: [] }],
  ['list prod --share', { is: 'list', scope: ['prod'] }],
  ['--share why 7f3k', { is: 'why', incident: 'INC-7F3K', names: ['7f3k'] }],
  ['list —share', { is: 'list', scope: [] }],
  ['top prod/shop --share', { is: 'top', scope: ['prod/shop'] }],
])('"/oom %s" is for the whole channel', (text, expected) => {
  expect(parseCommand(text)).toEqual({ command: expected, share: true });
});

test('a reason is cut where it becomes a story', () => {
  const { command } = parseCommand(`pause ${'x'.repeat(5_000)}`);

  expect(command).toEqual({ is: 'pause', scope: [], reason: `${'x'.repeat(299)}…` });
});
