import { expect, test } from 'vitest';
import { renderEntry } from '../../../../../src/adapters/slack/blocks/entry.ts';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import type { Entry } from '../../../../../src/core/incident/incident.ts';
import { transition } from '../../../../../src/core/incident/transition.ts';
import { aLoaded, anExplanation, anIncident, aPlan, aRemediation, killedAt } from '../../../../fixtures/incidents.ts';

const applying = aRemediation('applying', {
  plan: aPlan({ means: ['pull-request'] }),
  means: 'pull-request',
  approved: { by: 'UAMIRA', at: killedAt },
});

function openedAs(url: string): Entry {
  const { incident } = aLoaded({ remediations: [applying] });
  const at = killedAt + 1000;
  const result = transition(incident, { type: 'pull-request-opened', plan: applying.plan.id, at, number: 7, url });
  const [entry] = result.ok ? result.entries : [];
  if (entry === undefined) throw new Error('nothing was told');
  return entry;
}

function shown(entry: Entry): unknown {
  const [block] = renderEntry({ id: '1-0', entry }, anIncident()).blocks;
  return block && 'text' in block ? block.text : null;
}

test('a pull request is a link, because Slack links no bare address in verbatim text', () => {
  expect(shown(openedAs('https://forge.test/acme/deploy/pull/7'))).toEqual({
    type: 'mrkdwn',
    verbatim: true,
    text: 'Opened a pull request for limit 640Mi: <https://forge.test/acme/deploy/pull/7|pull request #7>. It is waiting for merge.',
  });
});

test.each([
  ['https://forge.test/a|b>c<!channel>', /<https:\/\/forge\.test\/a%7Cb%3Ec%3C!channel%3E\|pull request #7>/],
  ['javascript:alert(1)', /: pull request #7\./],
])('an address that is hostile (%s) ends no link and forms none of its own', (url, expected) => {
  const text = JSON.stringify(shown(openedAs(url)));

  expect(text).toMatch(expected);
  expect(text).not.toContain('<!channel>');
});

test.each([
  [null, /^Waiting for merge checkout/],
  [{ by: 'amira', at: killedAt }, /^Merged, waiting for the rollout checkout/],
])('the headline of a pull request says what it is waiting for', (merged, expected) => {
  const pullRequest = { number: 7, url: 'https://forge.test/7', merged };
  const loaded = aLoaded({ explained: anExplanation(), remediations: [{ ...applying, pullRequest }] });

  expect(renderRoot(loaded).text).toMatch(expected);
});
