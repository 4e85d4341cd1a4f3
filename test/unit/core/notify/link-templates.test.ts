import { expect, test } from 'vitest';
import { linksOf } from '../../../../src/core/notify/link-templates.ts';
import { aKill, aLoaded, killedAt } from '../../../fixtures/incidents.ts';
import { complaintsOf, policyOf } from './policy-words.ts';

function linked(
  url: string,
  subject: Partial<ReturnType<typeof aKill>['subject']> = {},
  more: object = {},
): string | null {
  const loaded = aLoaded({ subject: { ...aKill().subject, ...subject } });
  return linksOf(loaded, policyOf({ links: [{ name: 'Grafana', url, ...more }] }).links)[0]?.url ?? null;
}

test('each field of the incident stands where the template names it', () => {
  const { id } = aLoaded().incident;

  expect(
    linked('https://g.test/d/x?var-ns={namespace}&var-w={kind}/{workload}&c={cluster}/{container}&i={incident}'),
  ).toBe(`https://g.test/d/x?var-ns=shop&var-w=Deployment/checkout&c=prod/app&i=${id}`);
  expect(linked('https://g.test/{pod}/{node}#{from}-{to}')).toBe(
    `https://g.test/checkout-7d9f-abcde/node-1#${killedAt - 3_600_000}-${killedAt + 900_000}`,
  );
});

test.each([
  ['a way out of the query', 'a&b=c#d', 'a%26b%3Dc%23d'],
  ['a way out of the link', 'x>|<!channel>', 'x%3E%7C%3C%21channel%3E'],
  ['another folder', '../admin', '..%2Fadmin'],
  ['the folder above', '..', ''],
  ['a field', '{cluster}', '%7Bcluster%7D'],
  ['half of a character', '\ud800', '%EF%BF%BD'],
])('a name that is %s is encoded', (_, name, encoded) => {
  expect(linked('https://g.test/d/{workload}', { workload: { kind: 'Deployment', name } })).toBe(
    `https://g.test/d/${encoded}`,
  );
});

test('a link that lacks a field, is for elsewhere or gets too long is left out', () => {
  expect(linked('https://g.test/{namespace}', { namespace: null })).toBeNull();
  expect(linked('https://g.test/', {}, { namespaces: ['payments'] })).toBeNull();
  expect(linked('https://g.test/{workload}', { workload: { kind: 'Deployment', name: '<'.repeat(300) } })).toBeNull();
});

test.each([
  ['ftp://g.test/', 'must be an https:// or http:// address whose host has no {field}'],
  ['javascript:alert(1)', 'must be an https:// or http:// address whose host has no {field}'],
  ['https://{namespace}.g.test/', 'must be an https:// or http:// address whose host has no {field}'],
  ['https://user@{pod}/', 'must be an https:// or http:// address whose host has no {field}'],
  ['https://g.test/a b', 'must be an address without spaces and < > | " \\ ^ `'],
  ['https://g.test/|x>', 'must be an address without spaces and < > | " \\ ^ `'],
])('%s is refused', (url, complaint) => {
  expect(complaintsOf({ links: [{ name: 'Grafana', url }] })).toEqual([`links.0.url: ${complaint}`]);
});

test('an unknown field is named, with those that there are', () => {
  expect(complaintsOf({ links: [{ name: 'Grafana', url: 'https://g.test/{ns}' }] })[0]).toMatch(
    /^links\.0\.url: knows no \{ns\}; there are \{cluster\}, \{namespace\}, /,
  );
});
