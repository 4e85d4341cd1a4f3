import { createServer } from 'node:http';
import { anything, assert, constantFrom, oneof, property, record } from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { SocketModeReceiver } from '@slack/bolt';
import { isSlackUrl } from '../../../src/adapters/slack/deliveries/response-url.ts';
import { readDelivery } from '../../../src/adapters/slack/deliveries/delivery.ts';
import { onlyEnvelopes } from '../../../src/adapters/slack/deliveries/envelopes.ts';
import { createPeople } from '../../../src/adapters/slack/standing-of.ts';
import { createWebClient, identify } from '../../../src/adapters/slack/web-client.ts';
import { slackLogger } from '../../../src/adapters/slack/slack-logger.ts';
import { eventually } from '../../eventually.ts';
import { silentLog } from '../../flow/show/bot-world.ts';
import { aButton, openDoor, withSamAs } from './door-world.ts';

const button = { type: 'button', action_id: 'apply', block_id: 'b', action_ts: '1790000001.1', value: aButton };

const unreadable: readonly [string, object][] = [
  ['a user that is a number', { user: { id: 7 } }],
  ['no user', { user: null }],
  ['a user that is a list', { user: ['U1'] }],
  ['an id that mentions everybody', { user: { id: '!channel' } }],
  ['no actions', { actions: null }],
  ['an empty list of actions', { actions: [] }],
  ['an action that is nothing', { actions: [null] }],
  ['actions with a length that has no value', { actions: { length: { toString: 1, valueOf: 1 } } }],
  ['a value that is an object', { actions: [{ ...button, value: { c: 'prod' } }] }],
  ['a menu of which nothing is chosen', { actions: [{ ...button, type: 'overflow', action_id: 'menu' }] }],
  ['a time that is none', { actions: [{ ...button, action_ts: 'soon' }] }],
  ['a team that is a number', { team: { id: 3 } }],
  ['a channel that is a word', { channel: 'general' }],
  ['an address that is none', { response_url: 'somewhere' }],
  [
    'a dialog without a state',
    { type: 'view_submission', view: { id: 'V1', type: 'modal', callback_id: 'edit-value' } },
  ],
  ['a dialog that is nothing', { type: 'view_submission', view: null }],
];

test('a signed payload with a piece of the wrong kind is refused by name, and the next click is recorded', async () => {
  const door = await openDoor();

  const statuses = [];
  for (const [, changes] of unreadable) statuses.push((await door.interact(changes)).status);

  expect(statuses).toEqual(unreadable.map(() => 400));
  expect(door.refused).toEqual(unreadable.map(() => 'unreadable'));
  expect(door.logged.map(({ fields }) => fields)).toContainEqual({ problem: expect.stringMatching(/^user\.id: /) });
  expect(door.requests).toEqual([]);
  expect((await door.interact({})).status).toBe(200);
  await eventually(() => expect(door.requests).toHaveLength(1));
});

test.each([
  ['payload=null'],
  ['payload=7'],
  ['payload=%5B%5D'],
  ['payload=%22text%22'],
  ['payload={'],
  ['payload=null&payload=null'],
  ['payload'],
  ['command=%2Foom&command=%2Foom'],
  ['command=%2Foom&user_id=7'],
  ['='],
  ['null', 'application/json'],
  ['[]', 'application/json'],
  ['', 'application/json'],
  [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'application/json'],
])('the signed body %.40s gets 400, and the bot lives on', async (...[body, type]) => {
  const door = await openDoor();

  const answer = await door.post(body, type === undefined ? {} : { type });

  expect(answer.status).toBe(400);
  expect((await door.interact({})).status).toBe(200);
});

test('half a character goes on as a whole one', () => {
  const { team_id, ...command } = {
    command: '/oom',
    text: 'show \ud83d',
    user_id: 'U1',
    channel_id: 'C1',
    team_id: 'T1',
    trigger_id: 't',
    response_url: 'https://hooks.slack.com/commands/1',
  };

  const read = readDelivery({ ...command, team_id });

  expect(read).toMatchObject({ is: 'command', body: { text: 'show \ufffd' } });
});

test('whatever a payload is, it is read, refused or of no use: nothing throws, and only what has a name goes on', () => {
  const piece = anything({ maxDepth: 4, withNullPrototype: true });
  const keys = ['user', 'team', 'actions', 'view', 'trigger_id', 'channel', 'message', 'container', 'command', 'text'];
  const payload = record(
    {
      type: constantFrom('block_actions', 'view_submission', undefined),
      ...Object.fromEntries(keys.map((key) => [key, piece])),
    },
    { requiredKeys: [] },
  );

  assert(
    property(oneof(payload, piece), (body) => {
      const read = readDelivery(body);
      expect(['command', 'click', 'dialog', 'unused', 'unreadable']).toContain(read.is);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('what a socket says that is no envelope is dropped, and the next one is heard', async () => {
  const { client } = new SocketModeReceiver({ appToken: 'xapp-1', logger: slackLogger(silentLog) });
  onlyEnvelopes(client, silentLog);
  const heard: unknown[] = [];
  const ended: unknown[] = [];
  client.on('slack_event', ({ body }: { body: unknown }) => heard.push(body));
  client.on('disconnected', () => ended.push(1));
  const odd = [
    'null',
    '7',
    '"x"',
    '[]',
    '{',
    '',
    '{"type":7}',
    '{"type":"close"}',
    '{"type":"events_api","payload":null}',
  ];
  const own = '{"type":"events_api","envelope_id":"e","payload":{"event":{"type":"close"}}}';

  for (const data of [...odd, own, new ArrayBuffer(3), undefined]) client.emit('ws_message', data, false);
  client.emit('ws_message', '{"type":"interactive","envelope_id":"e1","payload":null}', false);

  await eventually(() => expect(heard).toEqual([null]));
  expect(ended).toEqual([]);
});

test.each([
  ['the past', 301],
  // A busy machine may take seconds to send it, and so long it is from less far away.
  ['the future', -360],
])('a signed request of 5 minutes in %s is refused', async (_, age) => {
  const door = await openDoor();
  const body = 'ssl_check=1';

  expect((await door.post(body, { age })).status).toBe(401);
  expect((await door.post(body, { age: age > 0 ? age - 10 : age + 70 })).status).toBe(200);
});

const T2 = 'T0SOMEBODY';
const foreign: readonly [string, object][] = [
  ['another workspace', { team: { id: T2 } }],
  ['no workspace', { team: null }],
  ['somebody of another workspace', { user: { id: 'sam', team_id: T2 } }],
  ['an organisation that is not ours', { enterprise: { id: 'E0OTHER' } }],
  ['an organisation that our workspace is said to be in', { team: { id: 'ours', enterprise_id: 'E0OTHER' } }],
  ['an app of a whole organisation', { is_enterprise_install: true }],
];

test.each(foreign)('a signed click of %s records nothing, and whoever clicked is told', async (_, changes) => {
  const door = await openDoor();
  const { team } = door.slack.workspace;
  const ours: object = JSON.parse(
    JSON.stringify(changes)
      .replace('"ours"', `"${team.id}"`)
      .replace('"sam"', `"${door.personOf('sam').id}"`),
  );

  const answer = await door.interact(ours);

  expect(answer.status).toBe(200);
  await eventually(() => expect(door.told()).toEqual([expect.stringContaining('not a member of the Slack workspace')]));
  expect(door.requests).toEqual([]);
  expect(door.refused).toHaveLength(1);
});

test('a dialog of another workspace stays open and says why', async () => {
  const door = await openDoor();
  const state = { values: { limit: { limit: { type: 'plain_text_input', value: '1Gi' } } } };
  const view = { id: 'V1', type: 'modal', callback_id: 'edit-value', private_metadata: aButton, state };

  const answer = await door.interact({ type: 'view_submission', view, team: { id: T2 } });

  expect(await answer.json()).toMatchObject({ response_action: 'errors', errors: { limit: expect.any(String) } });
  expect(door.requests).toEqual([]);
});

test.each([
  ['a guest', { standing: 'guest' } as const, 'Guests'],
  ['a guest of one channel', { standing: 'single-channel-guest' } as const, 'Guests'],
  ['a bot', { standing: 'bot' } as const, 'Bots'],
  ['somebody deactivated', { standing: 'deactivated' } as const, 'deactivated'],
  ['somebody of a connected workspace', { teamId: T2 }, 'not a member'],
])('%s can neither ask nor approve, silence, edit or pause, and is told why', async (_, person, why) => {
  const door = await openDoor(withSamAs(person));
  const acknowledge = {
    ...button,
    type: 'overflow',
    action_id: 'menu',
    selected_option: { value: `ack|${aButton}` },
  };
  const state = { values: { limit: { limit: { type: 'plain_text_input', value: '1Gi' } } } };
  const view = { id: 'V1', type: 'modal', callback_id: 'edit-value', private_metadata: aButton, state };

  for (const action_id of ['apply', 'approve', 'reject', 'acknowledge', 'open-pr'])
    await door.interact({ actions: [{ ...button, action_id }] });
  await door.interact({ actions: [acknowledge] });
  const dialog = await door.interact({ type: 'view_submission', view });
  const silence = { ...view, callback_id: 'silence', private_metadata: `sn1|${aButton}`, state: { values: {} } };
  const silenced = await door.interact({ type: 'view_submission', view: silence });
  const command = { user: 'sam', channel: '#oom-alerts' };
  for (const text of ['/oom pause', '/oom resume']) await door.slack.control.command({ ...command, text });

  expect(await dialog.text()).toContain(why);
  expect(await silenced.text()).toContain(why);
  await eventually(() => expect(door.told().filter((text) => text.includes(why)).length).toBe(8));
  expect(door.requests).toEqual([]);
  expect(door.paused).toEqual([]);
});

test.each([['USLACKBOT'], ['the bot itself']])('%s can ask for nothing', async (who) => {
  const door = await openDoor();
  const id = who === 'USLACKBOT' ? who : door.slack.workspace.bot.userId;

  await door.interact({ user: { id, team_id: door.slack.workspace.team.id } });

  await eventually(() => expect(door.logged.map(({ fields }) => fields)).toContainEqual({ user: id, standing: 'bot' }));
  expect(door.requests).toEqual([]);
});

test('without the scope for it nobody may ask, and the answer says which scope is missing', async () => {
  const scopes = ['chat:write', 'commands', 'usergroups:read'];
  const door = await openDoor({ scopes });

  await door.interact({});

  await eventually(() => expect(door.told()).toEqual([expect.stringContaining('users:read')]));
  expect(door.warnings.join()).toContain('lacks the scope users:read (to tell members from guests');
  expect(door.requests).toEqual([]);
});

test('whoever Slack says nothing of can still pause changes, and not let them go on', async () => {
  const door = await openDoor({ scopes: ['chat:write', 'commands', 'usergroups:read'] });
  const command = { user: 'sam', channel: '#oom-alerts' };

  await door.slack.control.command({ ...command, text: '/oom pause' });
  await eventually(() => expect(door.paused).toEqual([door.personOf('sam').id]));
  await door.slack.control.command({ ...command, text: '/oom resume' });

  await eventually(() => expect(door.told().join()).toContain('users:read'));
  expect(door.paused).toHaveLength(1);
});

test('a Slack that is away for a moment refuses nobody', async () => {
  const door = await openDoor();
  door.slack.faults.inject({ kind: 'http-500', method: 'users.info' });

  await door.interact({});

  await eventually(() => expect(door.requests).toHaveLength(1));
});

test('while Slack does not say who somebody is nobody may ask, and then it is asked again', async () => {
  const { slack, personOf } = await openDoor();
  const client = createWebClient({
    token: slack.botToken,
    slackApiUrl: slack.apiUrl,
    timeoutMs: 10_000,
    logger: slackLogger(silentLog),
  });
  const identity = await identify(client);
  const { mayNotAsk } = createPeople(client, { identity, now: () => 0, log: silentLog, pausesMs: [1, 1] });
  const sam = personOf('sam').id;
  slack.faults.inject({ kind: 'http-500', method: 'users.info', count: 3 });

  const away = await mayNotAsk(sam);
  const back = await mayNotAsk(sam);

  expect(away).toContain('try again in a minute');
  expect(back).toBeNull();
  expect(await mayNotAsk('U0NOBODY')).toContain('does not show me your account');
});

test.each([
  ['https://hooks.slack.com/actions/T1/2/3', true],
  ['https://slack.com/x', true],
  ['http://hooks.slack.com/x', false],
  ['https://hooks.slack.com:8443/x', false],
  ['https://hooks.slack.com@evil.example/x', false],
  ['https://evilslack.com/x', false],
  ['https://hooks.slack.com.evil.example/x', false],
  ['http://169.254.169.254/latest/meta-data', false],
  ['http://127.0.0.1:4040/response/1', true],
  ['http://127.0.0.1:6379/', false],
  ['file:///etc/passwd', false],
  ['not an address', false],
])('an answer to %s is posted: %s', (url, expected) => {
  expect(isSlackUrl(url, 'http://127.0.0.1:4040/api/')).toBe(expected);
});

test('an answer is not posted to an address that is not of Slack, but shown by Slack itself', async () => {
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void elsewhere.close());
  const at = elsewhere.address();
  const response_url = `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}/inside`;
  const door = await openDoor();
  const actions = [{ ...button, value: 'not ours' }];

  await door.interact({ actions, response_url });
  await eventually(() => expect(door.told()).toHaveLength(1));
  await door.interact({ response_url, team: { id: T2 } });

  await eventually(() => expect(door.told()).toHaveLength(2));
  expect(door.told().join('\n')).toMatch(/cannot read what this button is about[^]*not a member/);
  expect(reached).toEqual([]);
});
