import { expect, test } from 'vitest';
import { suggest } from '../../../sandbox/slack/page/commands.ts';

const oom = { command: '/oom' };
const hinted = {
  command: '/oom',
  description: 'memory kills',
  usage_hint: 'list [namespace] | list | why ID | top <n>',
};

test.each([
  ['nothing for a text that is no command', 'oom', [oom], [], []],
  ['the usual forms of a command without a hint', '/o', [oom], [], ['/oom list', '/oom why INC-', '/oom help']],
  [
    'the ids that the channel knows',
    '/oom w',
    [oom],
    ['INC-7F3K', 'INC-2222'],
    ['/oom why INC-7F3K', '/oom why INC-2222'],
  ],
  ['nothing once it stands there', '/oom list', [oom], [], []],
  [
    'the hint of the app, each form once',
    '/oom ',
    [hinted],
    ['INC-7F3K'],
    ['/oom list', '/oom why INC-7F3K', '/oom top '],
  ],
  ['every command of the app', '/', [{ command: '/a' }, { command: '/b' }], [], ['/a', '/b']],
  ['nothing where the app has no command', '/oom', [], [], []],
])('the command box offers %s', (_, input, commands, incidents, expected) => {
  const offered = suggest(input, commands, incidents).map(({ text }) => text);

  expect(offered).toEqual(expected);
});
