import { expect, test } from 'vitest';
import { renderStorm } from '../../../../../src/adapters/slack/blocks/storm.ts';
import { renderStormPage } from '../../../../../src/adapters/slack/blocks/storm-page.ts';
import { placeOf } from '../../../../../src/adapters/slack/place.ts';
import { decodeButtonValue, decodeStormValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';
import { stormMember, type OwnThread, type StormMember } from '../../../../../src/core/incident/storm.ts';
import { problemsOf } from '../limits-of.ts';
import { aKill, aLoaded, anExplanation, anImpact } from '../../../../fixtures/incidents.ts';

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

/** Every text in which Slack would format or mention something. */
function marked(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = Object.fromEntries(Object.entries(value));
  return type === 'mrkdwn' && typeof text === 'string' ? [text] : Object.values(value).flatMap(marked);
}

test('the root says what is shared with counts, how many there are, and the five that were killed most', () => {
  const message = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members: forty, moved: null, away: null }, options);

  expect(problemsOf(message)).toEqual([]);
  expect(message.text).toContain('Storm 40 incidents · 40 of 40');
  expect(message.text).toContain('40 of 40 on node worker-3');
  expect(message.text).toContain('Collecting evidence');
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

test('each of twenty incidents has a row, and one menu opens a thread for any of them', () => {
  const message = renderStormPage({ id: 'STORM-7F3K2A', members: forty.slice(0, 20), page: 'page-1' }, options);

  const [rows, menu, ...others] = message.blocks;
  const accessory = menu?.type === 'section' ? menu.accessory : undefined;
  const chosen = accessory?.type === 'static_select' ? (accessory.options ?? []) : [];
  const incidents = forty.slice(0, 20).map(({ incident }) => incident);
  expect(problemsOf(message)).toEqual([]);
  expect(others).toEqual([]);
  expect(rows?.type === 'table' ? rows.rows : []).toHaveLength(21);
  expect(chosen.map(({ value }) => decodeButtonValue(value)?.incident)).toEqual(incidents);
  expect(message.text.split('\n')).toHaveLength(20);
});

test('where there are no tables, each of twenty lines has a button for its own incident', () => {
  const { classic = [], ...message } = renderStormPage(
    { id: 'STORM-7F3K2A', members: forty.slice(0, 20), page: 'page-1' },
    options,
  );

  const values = classic.map((block) =>
    block.type === 'section' && block.accessory?.type === 'button' ? decodeButtonValue(block.accessory.value) : null,
  );
  expect(problemsOf({ ...message, blocks: classic })).toEqual([]);
  expect(values.map((value) => value?.incident)).toEqual(forty.slice(0, 20).map(({ incident }) => incident));
});

function explained(at: number): StormMember {
  const subject = { ...aKill().subject, workload: { kind: 'Deployment', name: `shop-${at}` } };
  const impact = anImpact({ severity: at < 2 ? 'critical' : 'low', pods: { ready: 1, desired: 2 } });
  const trigger = aKill({ subject, node: 'worker-3' });
  return stormMember(
    aLoaded({ id: `INC-${1000 + at}`, subject, trigger, impact, explained: anExplanation() }, 3),
    null,
  );
}

test('the root says what is shared once, then why, how bad, what to do, and the worst', () => {
  const members = Array.from({ length: 12 }, (_, at) => explained(11 - at));

  const message = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members, moved: null, away: null }, options);

  const lines = message.text.split('\n');
  expect(problemsOf(message)).toEqual([]);
  expect(lines[0]).toBe('Storm 12 incidents · 12 of 12 with image shop:1.4');
  expect(lines[1]).toBe('Most likely: limit too low (12 of 12)');
  expect(lines[2]).toBe('Impact: 2 critical, 10 low · 12 of 24 pods ready');
  expect(lines[3]).toContain('What to do: Each needs a value of its own.');
  expect(lines[4]).toBe('Also shared: 12 of 12 on node worker-3 · 12 of 12 in namespace shop');
  expect(message.text.match(/12 of 12 on node worker-3/g)).toHaveLength(1);
  expect(lines.slice(6, 8).map((line) => line.split(' · ')[1])).toEqual(['critical', 'critical']);
});

test('one click acknowledges or snoozes all that are left, and asks first', () => {
  const some = forty.map((member, at) => ({ ...member, acknowledged: at < 10 ? 'U1' : null }));
  const all = forty.map((member) => ({ ...member, acknowledged: 'U1', silencedUntil: member.lastAt + 1 }));
  const buttonsOf = (members: readonly StormMember[]) =>
    renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members, moved: null, away: null }, options).blocks.flatMap(
      (block) =>
        block.type === 'actions' ? block.elements.flatMap((one) => (one.type === 'button' ? [one] : [])) : [],
    );

  expect(buttonsOf(some).map(({ text }) => text.text)).toEqual(['Acknowledge all 30', 'Snooze all 40 for 1 h']);
  expect(buttonsOf(some).map(({ value }) => decodeStormValue(value))).toEqual(['STORM-7F3K2A', 'STORM-7F3K2A']);
  for (const { confirm } of buttonsOf(some))
    expect(confirm?.text.text).toMatch(/Kills are still counted|kills are still/);
  expect(buttonsOf(all)).toEqual([]);
});

test('who took it and until when it is quiet stand below; a storm that somebody took is calmer', () => {
  const taken = forty.map((member) => ({ ...member, acknowledged: 'U1', silencedUntil: member.lastAt + 3_600_000 }));

  const message = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members: taken, moved: null, away: null }, options);

  expect(message.text).toMatch(/40 acknowledged · 40 snoozed until \d\d:\d\d:\d\d UTC/);
  expect(message.text).toContain('<@U1> is on it');
  expect(words(message)).toContain(':large_orange_circle:');
  expect(words(message)).not.toContain(':red_circle:');
});

test('sixty workloads with names of 253 characters are within every limit, in the same order', () => {
  const long = (at: number): string => `${String(at).padStart(3, '0')}${'x'.repeat(250)}`;
  const members = Array.from({ length: 60 }, (_, at) => {
    const subject = {
      cluster: 'c'.repeat(40),
      namespace: 'n'.repeat(253),
      workload: { kind: 'Deployment', name: long(at) },
      container: 'k'.repeat(253),
    };
    const trigger = aKill({ subject, node: 'm'.repeat(253), image: `i${'m'.repeat(500)}` });
    return stormMember(aLoaded({ id: `INC-${1000 + at}`, subject, trigger, explained: anExplanation() }), null);
  });

  const root = renderStorm({ id: 'STORM-7F3K2A', openedAt: 0, members, moved: null, away: null }, options);
  const pages = [0, 20, 40].map((from) =>
    renderStormPage({ id: 'STORM-7F3K2A', members: members.slice(from, from + 20), page: 'page-1' }, options),
  );

  for (const message of [root, ...pages]) {
    expect(problemsOf(message)).toEqual([]);
    expect(problemsOf({ ...message, blocks: message.classic ?? [] })).toEqual([]);
  }
  const rows = pages.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.type === 'table' ? block.rows.slice(1) : [])),
  );
  expect(rows.map((row) => JSON.stringify(row).match(/INC-\d+/)?.[0])).toEqual(members.map(({ incident }) => incident));
});

test.each([
  [options.teamUrl, '<https://acme.slack.com/archives/C1/p1790000000000100|its own thread>'],
  [null, '<@UAMIRA> opened its own thread (INC-1001).'],
])('an incident with a thread of its own has no button, but says who opened it (workspace %s)', (teamUrl, expected) => {
  const own = { root: placeOf('C1', '1790000000.000100'), openedBy: 'UAMIRA' };

  const page = renderStormPage({ id: 'STORM-7F3K2A', members: [aMember(1, 'cart', own)], page: 'page-1' }, { teamUrl });
  const root = renderStorm(
    { id: 'STORM-7F3K2A', openedAt: 0, members: [aMember(1, 'cart', own)], moved: null, away: null },
    { teamUrl },
  );

  for (const message of [page, root]) {
    expect(words(message)).toContain(expected);
    expect(words(message)).not.toMatch(/open-incident|open-listed/);
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
    expect([message.text, ...marked(message.blocks), ...marked(message.classic)].join('\n')).not.toMatch(
      /<!|<@U1|<https:\/\/evil|`/,
    );
  }
});
