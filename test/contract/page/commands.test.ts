import { expect, test } from 'vitest';
import { suggest } from '../../../sandbox/slack/page/commands.ts';

const oom = { command: '/oom' };
const hinted = {
  command: '/oom',
  description: 'memory kills',
  usage_hint: 'list [namespace] | list | why ID | top <n>',
};
const known = {
  command: '/oom',
  subcommands: [
    { name: 'list', description: 'open incidents' },
    { name: 'top', description: 'who is nearest', examples: ['prod', 'prod/shop'] },
    { name: 'why', description: 'the reason', needs: 'INC-…' },
    { name: 'silence', description: 'say nothing', needs: '<workload>' },
  ],
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
  [
    'the subcommands of the app, without what may follow them',
    '/oom',
    [known],
    ['INC-7F3K'],
    ['/oom list', '/oom top', '/oom why INC-7F3K', '/oom silence '],
  ],
  ['what may follow a subcommand that stands there', '/oom top', [known], [], ['/oom top prod', '/oom top prod/shop']],
  ['what may follow as it is typed', '/oom top prod/', [known], [], ['/oom top prod/shop']],
  ['nothing once the last word stands there', '/oom top prod/shop', [known], [], []],
  ['every command of the app', '/', [{ command: '/a' }, { command: '/b' }], [], ['/a', '/b']],
  ['nothing where the app has no command', '/oom', [], [], []],
])('the command box offers %s', (_, input, commands, incidents, expected) => {
  const offered = suggest(input, commands, incidents).map(({ text }) => text);

  expect(offered).toEqual(expected);
});
