import { expect, test } from 'vitest';
import { renderEntry } from '../../../../../src/adapters/slack/blocks/entry.ts';
import { renderHelp, renderUnknownCommand } from '../../../../../src/adapters/slack/blocks/answers/help.ts';
import { type ListInput, renderList } from '../../../../../src/adapters/slack/blocks/answers/list.ts';
import type { ListRow } from '../../../../../src/adapters/slack/blocks/answers/list-rows.ts';
import { renderUnknownIncident, renderWhy } from '../../../../../src/adapters/slack/blocks/answers/why.ts';
import { commandWords } from '../../../../../src/core/talk/command.ts';
import type { Entry, Loaded } from '../../../../../src/core/incident/incident.ts';
import { problemsOf } from '../limits-of.ts';
import { aKill, aLoaded, anExplanation, anIncident, killedAt } from '../../../../fixtures/incidents.ts';

const entry: Entry = {
  at: killedAt,
  audience: { to: 'thread' },
  kind: 'audit',
  text: '{0} approved limit 640Mi.',
  people: ['UAMIRA'],
  pre: null,
  broadcast: false,
  chart: null,
};

test('an entry is a reply that carries its id', () => {
  const message = renderEntry({ id: '1-0', entry }, anIncident());

  expect(message.text).toBe('<@UAMIRA> approved limit 640Mi.');
  expect(message.metadata).toEqual({
    event_type: 'oomkeeper_entry',
    event_payload: { cluster: 'prod', incident: 'INC-7F3K', entry: '1-0' },
  });
});

test('preformatted text is shown as it is and cannot break out', () => {
  const message = renderEntry({ id: '1-0', entry: { ...entry, pre: '```\n<!channel>' } }, anIncident());

  expect(message.blocks[1]).toEqual({
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: '```\n<!channel>' }] }],
  });
  expect(message.text).not.toContain('<!channel>');
});

test('a very long entry stays within what Slack accepts', () => {
  const long = 'x<'.repeat(20_000);

  const message = renderEntry({ id: '1-0', entry: { ...entry, text: long, pre: long } }, anIncident());

  expect(problemsOf(message)).toEqual([]);
});

const threadUrl = 'https://acme.slack.com/archives/C1/p1';
const listed = (loaded: Loaded): ListRow => ({
  is: 'incident',
  listed: { ...loaded, namesOnly: false, url: threadUrl },
});
const nothingOpen: ListInput = {
  rows: [],
  from: 0,
  turn: 'list',
  suspects: [],
  leftOut: [],
  scope: [],
  unreachable: [],
  cut: [],
  unknown: [],
  unreadable: [],
  now: killedAt,
};

test('the list has a line for each open incident and names the suspects', () => {
  const answer = renderList({
    ...nothingOpen,
    rows: [listed(aLoaded({ explained: anExplanation() }, 3)), listed(aLoaded({ id: 'INC-0001' }))],
    suspects: [{ kill: aKill({ suspect: true }), why: 'no event explains it' }],
    leftOut: ['1 incident is only shown in its own channel.'],
    scope: ['shop'],
    unreachable: ['staging'],
    cut: ['prod'],
    unknown: ['I know no cluster prdo/shop. Did you mean prod?'],
    now: killedAt + 180_000,
  });

  expect(answer.text).toContain('2 open in shop');
  expect(answer.text).toContain(`<${threadUrl}|INC-7F3K> · × 3, last 3 min ago`);
  expect(answer.text).toContain('Suspect: shop/checkout app ended with 137');
  expect(answer.text).toContain('incidents of staging cannot be read');
  expect(answer.text).toContain('prod has more open incidents than I look at');
  expect(answer.text).toMatch(/^I know no cluster prdo\/shop. Did you mean prod\?\n2 open/);
  expect(answer.text).toContain('1 incident is only shown in its own channel.');
  expect(problemsOf(answer)).toEqual([]);
  expect(problemsOf({ ...answer, blocks: answer.classic ?? [] })).toEqual([]);
  expect(answer.blocks[1]).toMatchObject({
    type: 'table',
    rows: [
      expect.anything(),
      [
        { elements: [{ elements: [{ type: 'link', url: threadUrl, text: 'INC-7F3K' }] }] },
        { text: 'prod/shop/checkout app' },
        { text: 'limit too low (high)' },
        { text: 'OOMKilled' },
        { text: '3, last 3 min ago' },
      ],
      expect.anything(),
    ],
  });
});

test('a long list has pages and says which one is shown', () => {
  const incidents = Array.from({ length: 40 }, () => listed(aLoaded({ explained: anExplanation() })));

  const answer = renderList({ ...nothingOpen, rows: incidents });

  expect(answer.text).toContain('40 open, rows 1 to 10 of 40');
  expect(JSON.stringify(answer.blocks)).toContain('Next 10');
  expect(problemsOf(answer)).toEqual([]);
  expect(problemsOf({ ...answer, blocks: answer.classic ?? [] })).toEqual([]);
});

test('an empty list says so', () => {
  const answer = renderList(nothingOpen);

  expect(answer.text).toContain('No open incident.');
});

test('why tells what speaks for and against, the other causes and what is missing', () => {
  const answer = renderWhy(aLoaded({ explained: anExplanation() }), null);

  expect(answer.text).toContain('for: flat for 6 h');
  expect(answer.text).toContain('against: only one replica');
  expect(answer.text).toContain('leak (10%)');
  expect(answer.text).toContain('Rollout: missing, no revision known');
  expect(problemsOf(answer)).toEqual([]);
});

test('a query is shown so that it can be pasted: in a block of its own, with no character changed', () => {
  const query = 'container_memory_working_set_bytes{pod=~"a-[a-z0-9]{5}|b*~",image!="<x>&y"}';
  const source = `${query}, 2026-11-24T13:00:00.000Z to 2026-11-24T14:02:11.000Z`;
  const evidence = [{ label: 'Usage', text: 'rose', source, at: killedAt, missing: false }];

  const answer = renderWhy(aLoaded({ explained: anExplanation({ evidence }) }), null);

  expect(answer.blocks.at(-1)).toEqual({
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: query }] }],
  });
  expect(answer.text).toContain('Usage: rose (Prometheus, 62 min of samples, query below,');
  expect(problemsOf(answer)).toEqual([]);
});

test('rows of a storm are one line that links to it', () => {
  const members = [1, 2, 3].map((nth) => ({
    ...aLoaded({ id: `INC-000${nth}`, explained: anExplanation() }, nth),
    namesOnly: nth === 3,
    url: null,
  }));

  const answer = renderList({ ...nothingOpen, rows: [{ is: 'storm', id: 'STORM-7F3K2A', url: threadUrl, members }] });

  expect(answer.text).toMatch(/^3 open\nStorm 3 incidents · <https:[^|]*\|STORM-7F3K2A> · 6, last .* ago/);
  expect(answer.text).toContain('limit too low (2 of 3)');
});

test('the second page has a way back, and one for everybody has no buttons', () => {
  const rows = Array.from({ length: 12 }, (_, nth) => listed(aLoaded({ id: `INC-00${10 + nth}` })));

  const second = renderList({ ...nothingOpen, rows, from: 10 });
  const beyond = renderList({ ...nothingOpen, rows: rows.slice(0, 3), from: 10 });
  const shared = renderList({ ...nothingOpen, rows, turn: null });

  expect(second.text).toContain('rows 11 to 12 of 12');
  expect(JSON.stringify(second.blocks)).toContain('Previous 10');
  expect(JSON.stringify(second.blocks)).not.toContain('Next');
  expect(beyond.text).toMatch(/^3 open\n/);
  expect(JSON.stringify(shared.blocks)).not.toContain('"actions"');
});

test('an unknown id is answered with the nearest open ones', () => {
  expect(renderUnknownIncident('INC-7F3M', ['INC-7F3K']).text).toBe(
    'I know no incident INC-7F3M. Did you mean INC-7F3K?',
  );
});

const names = { cluster: 'prod', namespace: 'shop', workload: 'checkout', incident: 'INC-7F3K' };

test('help shows at most eight commands with examples of this installation, and all of them on request', () => {
  const shown = (all: boolean) => renderHelp(names, all).text.match(/\/oom \w+(?=[^`]*`  )/g) ?? [];

  expect(shown(false).length).toBe(8);
  expect(shown(true).toSorted()).toEqual(commandWords.map((word) => `/oom ${word}`).toSorted());
  expect(renderHelp(names, false).text).toContain('`/oom top prod/shop`');
  expect(renderHelp(names, false).text).toContain('add `--share` to show one to the channel');
});

test('a typo gets the command that was meant, and what is like none the list', () => {
  expect(renderUnknownCommand('hlep', 'help', names).text).toBe(
    'Did you mean `/oom help`? For example: `/oom help all`',
  );
  expect(renderUnknownCommand('lsit', 'list', names).text).toContain('Did you mean `/oom list`?');
  expect(renderUnknownCommand('<!here>', null, names).text).toContain('I do not know &lt;!here&gt;.');
});
