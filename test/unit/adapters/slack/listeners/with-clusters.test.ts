import type { webApi } from '@slack/bolt';
import { expect, test } from 'vitest';
import type { Answer } from '../../../../../src/adapters/slack/blocks/answer.ts';
import { answerList } from '../../../../../src/adapters/slack/listeners/answers/answer-list.ts';
import { answerPause } from '../../../../../src/adapters/slack/listeners/answers/answer-pause.ts';
import { answerStatus } from '../../../../../src/adapters/slack/listeners/answers/answer-status.ts';
import { answerTop } from '../../../../../src/adapters/slack/listeners/answers/answer-top.ts';
import { answerWhat } from '../../../../../src/adapters/slack/listeners/answers/answer-what.ts';
import type { ListenerDeps } from '../../../../../src/adapters/slack/listeners/deps.ts';
import type { Sight } from '../../../../../src/adapters/slack/listeners/sight.ts';
import { Failure } from '../../../../../src/core/failure.ts';
import { noHomes } from '../../../../fixtures/homes.ts';

const silence = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const sight: Sight = { of: () => 'all', ofIncident: () => 'all', hidesNamesOf: () => false };
const reader = { client: {} as webApi.WebClient, sight };

const listed = { words: [], sight, from: 0, turn: null };

const ofClusters: readonly [string, (deps: ListenerDeps) => Promise<Answer>][] = [
  ['list', (deps) => answerList(deps, listed)],
  ['status', (deps) => answerStatus(deps, [], sight)],
  ['top', (deps) => answerTop(deps, listed)],
  [
    'pause',
    (deps) => answerPause(deps, { words: [], sight }, { want: 'paused', by: 'UAMIRA', groups: [], reason: null }),
  ],
];
const ofIncidents: typeof ofClusters = [
  ['show', (deps) => answerWhat(deps, { is: 'show', incident: 'INC-7F3K', names: [] }, reader)],
  ['why', (deps) => answerWhat(deps, { is: 'why', incident: 'INC-7F3K', names: [] }, reader)],
  ['why POD', (deps) => answerWhat(deps, { is: 'why', incident: null, names: ['checkout-1'] }, reader)],
];

const reading: ListenerDeps['reading'] = () => ({
  maySee: () => ({ see: 'all', because: 'own-channel' }),
  hidesNames: () => false,
  namesPeople: false,
  fallback: '',
});

function depsWith(clusters: ListenerDeps['clusters'], logged: unknown[] = []): ListenerDeps {
  const log = { ...silence, error: (about: unknown) => void logged.push(about) };
  return {
    clusters,
    groupsOf: async () => [],
    people: { mayNotAsk: async () => null, mayNotPause: async () => null },
    reading,
    homes: noHomes,
    stormMembers: async () => [],
    showHome: async () => 'same',
    teamUrl: null,
    slackApiUrl: undefined,
    now: () => 0,
    log,
  };
}

test.each(ofClusters)('before any worker was seen, /oom %s says how to start one', async (_, answer) => {
  const { text } = await answer(depsWith(async () => []));

  expect(text).toMatch(/^I know no cluster yet: .*Start one \(oomkeeper worker\)/);
});

test.each([...ofClusters, ...ofIncidents])(
  'where the store is away, /oom %s says to try again, and the log why',
  async (_, answer) => {
    const away = new Failure('redis-unreachable', 'Redis is down.');
    const logged: unknown[] = [];

    const { text } = await answer(depsWith(async () => Promise.reject(away), logged));

    expect(text).toBe('I cannot reach my store at the moment. Please try again in a minute.');
    expect(logged).toEqual([expect.objectContaining({ error: away })]);
  },
);

test('a mistake of the program is not taken for a store that is away', async () => {
  const mistake = new TypeError('names is not iterable');

  await expect(
    answerList(
      depsWith(async () => Promise.reject(mistake)),
      listed,
    ),
  ).rejects.toBe(mistake);
});
