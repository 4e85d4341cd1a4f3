import { expect, test } from 'vitest';
import { renderStorm, renderStormPage } from '../../../../../src/adapters/slack/blocks/storm.ts';
import { placeOf } from '../../../../../src/adapters/slack/place.ts';
import { decodeButtonValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';
import { stormMember, type OwnThread, type StormMember } from '../../../../../src/core/incident/storm.ts';
import { problemsOf } from '../limits-of.ts';
import { aKill, aLoaded } from '../../../../fixtures/incidents.ts';

const options = { teamUrl: 'https://acme.slack.com/' };

function aMember(at: number, name = `shop-${at}`, own: OwnThread | null = null): StormMember {
  const subject = { ...aKill().subject, workload: { kind: 'Deployment', name } };
  const trigger = aKill({ subject, node: 'worker-3' });
  return stormMember(aLoaded({ id: `INC-${1000 + at}`, subject, trigger }, at + 1), own);
}

const forty = Array.from({ length: 40 }, (_, at) => aMember(at));

function words(message: { readonly blocks: readonly unknown[] }): string {
  return JSON.stringify(message.blocks);
}

test('the root says what is shared with counts, how many there are, and the five that were killed most', () => {
  const message = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members: forty, moved: null, away: null }, options);

  expect(problemsOf(message)).toEqual([]);
  expect(message.text).toContain('Storm 40 incidents · 40 of 40');
  expect(message.text).toContain('40 of 40 on node worker-3');
  expect(message.text.match(/× \d+/g)).toEqual(['× 40', '× 39', '× 38', '× 37', '× 36']);
  expect(message.text).toContain('820 kills');
  expect(message.metadata).toEqual({
    event_type: 'oomkeeper_storm',
    event_payload: { storm: 'STORM-7F3K2A', incidents: 40, kills: 820, open: true },
  });
});

test('a storm whose incidents are all closed says so in words and colour', () => {
  const members = forty.map((member) => ({ ...member, open: false }));

  const message = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members, moved: null, away: null }, options);

  expect(message.text).toContain('Closed storm');
  expect(words(message)).toContain(':white_circle:');
  expect(words(message)).not.toContain(':red_circle:');
});

test('the summary of a downtime says from when to when, and which place was missing', () => {
  const away = { from: Date.UTC(2026, 10, 24, 13, 50), until: Date.UTC(2026, 10, 24, 14, 20) };

  const message = renderStorm(
    { id: 'STORM-7F3K2A', openedAt: 0, members: forty, moved: '#shop is archived.', away },
    options,
  );

  expect(problemsOf(message)).toEqual([]);
  expect(message.text).toContain('While I was away 40 incidents');
  expect(message.text).toContain('These were killed while I was away (13:50:00 UTC to 14:20:00 UTC).');
  expect(message.text).toContain('#shop is archived.');
});

test('of a storm across midnight the times of the day before have their date', () => {
  const [before, after] = [Date.UTC(2026, 10, 23, 23, 59, 58), Date.UTC(2026, 10, 24, 0, 0, 3)];
  const members = [before, after].map((at, index) => ({ ...aMember(index), kills: 1, killedAt: at, lastAt: at }));
  const away = { from: before - 60_000, until: after + 60_000 };

  const page = renderStormPage({ id: 'STORM-7F3K2A', members, page: 'page-1' }, options).text.split('\n');
  const print = (some: readonly StormMember[]): string =>
    renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members: some, moved: null, away }, options).text;

  expect(page[0]).toContain('OOMKilled at 2026-11-23 23:59:58 UTC');
  expect(page[1]).toContain('OOMKilled at 00:00:03 UTC');
  expect(print(members)).toContain('from 2026-11-23 23:59:58 UTC to 00:00:03 UTC');
  expect(print(members.slice(0, 1))).toContain('1 kill · at 2026-11-23 23:59:58 UTC');
});

test('each of twenty lines has a button for its own incident', () => {
  const message = renderStormPage({ id: 'STORM-7F3K2A', members: forty.slice(0, 20), page: 'page-1' }, options);

  const values = message.blocks.map((block) =>
    block.type === 'section' && block.accessory?.type === 'button' ? decodeButtonValue(block.accessory.value) : null,
  );
  expect(problemsOf(message)).toEqual([]);
  expect(values.map((value) => value?.incident)).toEqual(forty.slice(0, 20).map(({ incident }) => incident));
  expect(message.text.split('\n')).toHaveLength(20);
});

test.each([
  [options.teamUrl, '<https://acme.slack.com/archives/C1/p1790000000000100|its own thread>'],
  [null, '<@UAMIRA> opened its own thread.'],
])('an incident with a thread of its own has no button, but says who opened it (workspace %s)', (teamUrl, expected) => {
  const own = { root: placeOf('C1', '1790000000.000100'), openedBy: 'UAMIRA' };

  const page = renderStormPage({ id: 'STORM-7F3K2A', members: [aMember(1, 'cart', own)], page: 'page-1' }, { teamUrl });
  const root = renderStorm(
    { id: 'STORM-7F3K2A', openedAt: 0, members: [aMember(1, 'cart', own)], moved: null, away: null },
    { teamUrl },
  );

  for (const message of [page, root]) {
    expect(words(message)).toContain(expected);
    expect(words(message)).not.toContain('open-incident');
  }
});

test('hostile and long names neither mention nor break a message', () => {
  const name = `<!channel>\`*${'x'.repeat(500)}`;
  const members = Array.from({ length: 20 }, (_, at) => ({
    ...aMember(at, name),
    node: `<@U1> ${'n'.repeat(300)}`,
    image: `<https://evil.example|a>${'i'.repeat(900)}`,
  }));

  const messages = [
    renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members, moved: null, away: null }, options),
    renderStormPage({ id: 'STORM-7F3K2A', members, page: 'page-1' }, options),
  ];

  for (const message of messages) {
    expect(problemsOf(message)).toEqual([]);
    expect(`${message.text}${words(message)}`).not.toMatch(/<!|<@U1|<https:\/\/evil|`/);
  }
});
