import { expect, test } from 'vitest';
import { suggest } from '../../../sandbox/slack/page/commands.ts';

const known = {
  command: '/oom',
  subcommands: [
    { name: 'list', description: 'open incidents', examples: [] },
    { name: 'top', description: 'who is nearest', examples: ['prod', 'prod/shop'] },
    { name: 'why', description: 'the reason', needs: 'INC-…', examples: [] },
  ],
};

test.each([
  ['nothing for a text that is no command', 'oom', [], []],
  ['the commands of the app, without what may follow them', '/oom', [], ['/oom list', '/oom top', '/oom why INC-']],
  ['the ids that the channel knows', '/oom w', ['INC-7F3K', 'INC-2222'], ['/oom why INC-7F3K', '/oom why INC-2222']],
  ['what may follow a command that stands there', '/oom top', [], ['/oom top prod', '/oom top prod/shop']],
  ['what may follow as it is typed', '/oom top prod/', [], ['/oom top prod/shop']],
  ['nothing once the last word stands there', '/oom top prod/shop', [], []],
])('the command box offers %s', (_, input, incidents, expected) => {
  const offered = suggest(input, [known], incidents).map(({ text }) => text);

  expect(offered).toEqual(expected);
});
