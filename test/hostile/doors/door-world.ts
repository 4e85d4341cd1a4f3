import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { type Slack, startSlack } from '../../../sandbox/slack/start-slack.ts';
import { type Person, seedWorkspace, type Workspace } from '../../../sandbox/slack/workspace.ts';
import { createSlackApp } from '../../../src/adapters/slack/bolt-app.ts';
import { encodeButtonValue } from '../../../src/adapters/slack/blocks/button-value.ts';
import type { Cluster } from '../../../src/adapters/slack/listeners/deps.ts';
import type { Log } from '../../../src/adapters/slack/slack-logger.ts';
import { slackPath } from '../../../src/adapters/slack/signed-http.ts';
import { startHooksServer } from '../../../src/app/hooks/hooks-server.ts';
import type { Loaded, Request } from '../../../src/core/incident/incident.ts';
import { Failure } from '../../../src/core/failure.ts';
import { noAnswer } from '../../../src/core/talk/question.ts';
import { noHomes } from '../../fixtures/homes.ts';
import { aLoaded, anExplanation, aRemediation } from '../../fixtures/incidents.ts';
import { bounds } from '../../flow/slack/talking-bot.ts';

export interface DoorWorld {
  readonly slack: Slack;
  /** What was recorded in the store. */
  readonly requests: Request[];
  /** Whether somebody's pause reached a worker. */
  readonly paused: string[];
  readonly refused: string[];
  /** What the bot warns of when it starts. */
  readonly warnings: readonly string[];
  readonly logged: { readonly fields: object; readonly message: string }[];
  /** What people were told alone. */
  readonly told: () => readonly string[];
  readonly post: (body: string, how?: Posting) => Promise<Response>;
  /** A payload as Slack sends it, signed, with these changes. */
  readonly interact: (changes: object) => Promise<Response>;
  readonly personOf: (name: string) => Person;
}

export interface Posting {
  readonly type?: string;
  /** Seconds that the time stamp is behind; negative for the future. */
  readonly age?: number;
}

const form = 'application/x-www-form-urlencoded';

export const aButton = encodeButtonValue({ cluster: 'prod', incident: 'INC-7F3K', plan: 'PLAN-7F3K2A', version: 1 });

/** The bot's door for Slack, with a store that has one incident with a plan, beside a pretend Slack. */
export async function openDoor(workspace: Partial<Workspace> = {}): Promise<DoorWorld> {
  const slack = await startSlack({ clock: createClock(), limits: 'off', log: { error: () => undefined }, workspace });
  onTestFinished(slack.close);
  const requests: Request[] = [];
  const paused: string[] = [];
  const refused: string[] = [];
  const logged: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note };
  const loaded: Loaded = aLoaded({ explained: anExplanation({ bounds }), remediations: [aRemediation('proposed')] });
  const cluster: Cluster = {
    name: 'prod',
    store: {
      load: async () => loaded,
      open: async () => [],
      pause: async () => null,
      silences: async () => [],
      killedPods: async () => [],
      suspects: async () => [],
      ignored: async () => [],
      results: async () => [],
      audit: async () => [],
      entries: async () => [],
      recordRequest: async (request) => {
        requests.push(request);
        return 'recorded';
      },
    },
    hints: { advance: async () => undefined },
    openThread: async () => ({ is: 'no-incident' }),
    ask: async (question) => {
      if (question.ask === 'pause') paused.push(question.by);
      return noAnswer('prod', 'nobody', null);
    },
    namespaces: async () => null,
    condition: async () => Promise.reject(new Failure('redis-unreachable', 'Redis is down.')),
    place: async () => null,
    storm: async () => null,
  };
  const app = await createSlackApp({
    botToken: slack.botToken,
    delivery: { signingSecret: slack.signingSecret },
    slackApiUrl: slack.apiUrl,
    log,
    clusters: async () => [cluster],
    reading: () => ({
      maySee: () => ({ see: 'all', because: 'own-channel' }),
      hidesNames: () => false,
      namesPeople: false,
      fallback: '',
    }),
    homes: noHomes,
    stormMembers: async () => [],
    now: Date.now,
    refused: (reason) => refused.push(reason),
    onFatal: () => undefined,
  });
  await app.start();
  onTestFinished(app.stop);
  if (app.door === null) throw new Error('no door');
  const server = await startHooksServer('127.0.0.1', 0, [{ path: slackPath, ...app.door }]);
  onTestFinished(server.close);
  const url = `http://127.0.0.1:${server.port}${slackPath}`;
  slack.control.setDelivery({ mode: 'http', url });

  const post = (body: string, { type = form, age = 0 }: Posting = {}): Promise<Response> => {
    const seconds = Math.floor(Date.now() / 1000) - age;
    const hash = createHmac('sha256', slack.signingSecret).update(`v0:${seconds}:${body}`).digest('hex');
    const signed = { 'x-slack-request-timestamp': `${seconds}`, 'x-slack-signature': `v0=${hash}` };
    return fetch(url, { method: 'POST', body, headers: { 'content-type': type, ...signed } });
  };
  const personOf = (name: string): Person => {
    const person = slack.workspace.people.find((one) => one.name === name);
    if (person === undefined) throw new Error(`nobody is ${name}`);
    return person;
  };
  let acts = 0;
  const interact = (changes: object): Promise<Response> => {
    acts += 1;
    const { team } = slack.workspace;
    const payload = {
      type: 'block_actions',
      user: { id: personOf('sam').id, team_id: team.id },
      team: { id: team.id, domain: team.domain },
      enterprise: null,
      is_enterprise_install: false,
      trigger_id: `trigger-${acts}`,
      channel: { id: slack.store.channels()[0]?.id },
      message: { ts: '1790000000.000100' },
      actions: [{ type: 'button', action_id: 'apply', block_id: 'b', action_ts: `1790000001.${acts}`, value: aButton }],
      ...changes,
    };
    return post(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  };
  const told = (): readonly string[] => slack.store.ephemerals().map(({ text }) => text);
  return { slack, warnings: app.identity.warnings, requests, paused, refused, logged, told, post, interact, personOf };
}

/** Sam as somebody else than a member, and the others as they are. */
export function withSamAs(changes: Partial<Person>): Partial<Workspace> {
  return { people: seedWorkspace().people.map((one) => (one.name === 'sam' ? { ...one, ...changes } : one)) };
}
