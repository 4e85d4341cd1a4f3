import { expect, test } from 'vitest';
import type { LogEntry } from '../../../sandbox/slack/request-log.ts';
import { createAccount } from '../../faults/account.ts';

const channel = 'C0ALERTS';
const second = 1_000;

/** A line of the pretend Slack's log about a root, as the bot's client sends it. */
function entry(method: string, at: number, ts: string, body: object): LogEntry {
  return { seq: at, at, kind: 'api', method, channel, ts, ok: true, body: { channel, ...body } };
}

function aboutCart(kills: number): object {
  const payload = { subject: 'test/shop/Deployment/cart/app', kills };
  return { metadata: JSON.stringify({ event_type: 'oomkeeper_incident', event_payload: payload }) };
}

function aLine(root: string, id: string): object {
  const metadata = JSON.stringify({ event_type: 'oomkeeper_entry', event_payload: { entry: id } });
  return { thread_ts: root, metadata };
}

function aStorm(kills: number): LogEntry {
  const metadata = JSON.stringify({ event_type: 'oomkeeper_storm', event_payload: { storm: 'STORM-1', kills } });
  return entry('chat.postMessage', 0, '9.1', { metadata });
}

function aPage(text: string): LogEntry {
  const metadata = JSON.stringify({
    event_type: 'oomkeeper_storm_page',
    event_payload: { storm: 'STORM-1', page: '0' },
  });
  return entry('chat.postMessage', 0, '9.2', { thread_ts: '9.1', blocks: JSON.stringify([{ text }]), metadata });
}

const root = entry('chat.postMessage', 0, '1.1', aboutCart(1));

test.each([
  ['all of it was told', 1, [root], { lost: 0, duplicates: 0 }],
  ['nothing was told', 1, [], { lost: 1, duplicates: 0 }],
  ['the message was refused', 1, [{ ...root, ok: false }], { lost: 1, duplicates: 0 }],
  ['the second kill is missing', 2, [root], { lost: 1, duplicates: 0 }],
  ['the second kill was added', 2, [root, entry('chat.update', 1, '1.1', aboutCart(2))], { lost: 0, duplicates: 0 }],
  ['a kill was counted twice', 1, [root, entry('chat.update', 1, '1.1', aboutCart(2))], { lost: 0, duplicates: 1 }],
  [
    'after Redis was lost it counts anew, and nothing is missing',
    3,
    [root, entry('chat.update', 1, '1.1', aboutCart(2)), entry('chat.update', 2, '1.1', aboutCart(1))],
    { lost: 0, duplicates: 0 },
  ],
  ['there are two roots', 1, [root, entry('chat.postMessage', 1, '1.2', aboutCart(1))], { lost: 0, duplicates: 1 }],
  [
    'a second root was deleted soon',
    1,
    [root, entry('chat.postMessage', 1, '1.2', aboutCart(1)), entry('chat.delete', 20 * second, '1.2', {})],
    { lost: 0, duplicates: 0 },
  ],
  [
    'a second root was deleted late',
    1,
    [root, entry('chat.postMessage', 1, '1.2', aboutCart(1)), entry('chat.delete', 40 * second, '1.2', {})],
    { lost: 0, duplicates: 1 },
  ],
  ['the root was deleted', 1, [root, entry('chat.delete', 1, '1.1', {})], { lost: 1, duplicates: 0 }],
  [
    'a line stands twice in the thread',
    1,
    [root, ...['1.2', '1.3'].map((ts) => entry('chat.postMessage', 1, ts, aLine('1.1', 'E1')))],
    { lost: 0, duplicates: 1 },
  ],
  [
    'a line that stood twice was taken back',
    1,
    [
      root,
      ...['1.2', '1.3'].map((ts) => entry('chat.postMessage', 1, ts, aLine('1.1', 'E1'))),
      entry('chat.delete', 2, '1.3', {}),
    ],
    { lost: 0, duplicates: 0 },
  ],
  ['it is a line in a storm', 2, [aStorm(2), aPage('cart (app)')], { lost: 0, duplicates: 0 }],
  ['it is in no list of the storm', 2, [aStorm(2), aPage('till (app)')], { lost: 1, duplicates: 1 }],
  ['the storm has too few kills', 2, [aStorm(1), aPage('cart (app)')], { lost: 1, duplicates: 0 }],
  ['the storm has too many kills', 2, [aStorm(3), aPage('cart (app)')], { lost: 0, duplicates: 1 }],
  ['it has a root and a line in a storm', 1, [root, aStorm(0), aPage('cart (app)')], { lost: 0, duplicates: 1 }],
  [
    'two lines stand in the thread',
    1,
    [root, ...['E1', 'E2'].map((id) => entry('chat.postMessage', 1, `2.${id}`, aLine('1.1', id)))],
    { lost: 0, duplicates: 0 },
  ],
])('%s', (_what, kills, entries, { lost, duplicates }) => {
  const account = createAccount();

  account.read(entries);

  const found = account.compare(new Map([['shop/cart', kills]]));
  expect(found.lost).toHaveLength(lost);
  expect(found.duplicates).toHaveLength(duplicates);
});

test('says when so many kills were told', () => {
  const account = createAccount();

  account.read([root, entry('chat.update', 5, '1.1', aboutCart(3))]);

  expect([1, 2, 3, 4].map((kills) => account.toldAt('shop/cart', kills))).toEqual([0, 5, 5, null]);
});
