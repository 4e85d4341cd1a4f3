import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../eventually.ts';
import type { FaultRequest } from '../../../sandbox/slack/faults.ts';
import type { FaultRow, FaultSystem, Stage } from '../row.ts';

const deadlineMs = 30_000;

export const slackSilentAfterSuccess: FaultRow = {
  name: 'slack-silent-after-success',
  about: 'Slack takes messages and never answers',
  inject: (stage) =>
    bursts(stage, ['chat.postMessage'], () => ({
      kind: 'timeout-after-success',
      count: 2,
      holdMs: 100 + stage.random() * 400,
    })),
};

export const slackRateLimited: FaultRow = {
  name: 'slack-rate-limited',
  about: 'Slack refuses messages and edits with 429, some in a row, and asks for a second each time',
  inject: (stage) => bursts(stage, ['chat.postMessage', 'chat.update'], () => ({ kind: 'ratelimited', count: 3 })),
};

export const slackServerError: FaultRow = {
  name: 'slack-server-error',
  about: 'Slack answers messages with 500, and cuts connections after it has done what was asked',
  inject: async (stage) => {
    const errors = bursts(stage, ['chat.postMessage'], () => ({ kind: 'http-500', count: 2 }));
    const cuts = bursts(stage, ['chat.postMessage', 'chat.update'], () => ({ kind: 'cut-after-work', count: 1 }));
    return (await errors) + (await cuts);
  },
};

export const slackDown: FaultRow = {
  name: 'slack-down',
  about: 'Slack answers everything with 503 for a minute (of few incidents: for a second)',
  inject: async (stage) => {
    await stage.reached(0.3);
    return during(stage.system, [{ kind: 'api-down' }], () => delay(stage.minuteMs));
  },
};

export const slackSocketsRenewed: FaultRow = {
  name: 'slack-sockets-renewed',
  about: 'Slack renews sockets of the bot (refresh_requested), and drops all of them',
  inject: async ({ system, nowAndThen }) => {
    let hit = 0;
    await nowAndThen(async (nth) => {
      const kind = nth % 2 === 0 ? 'disconnect-refresh' : 'drop-sockets';
      hit += system.world.slack.faults.inject({ kind }).fired;
    });
    return hit;
  },
};

export const slackTokenRevoked: FaultRow = {
  name: 'slack-token-revoked',
  about: 'the tokens are revoked, the bot gives up, and a minute later (of few incidents: a second) all is restored',
  inject: async ({ system, reached, minuteMs }) => {
    await reached(0.3);
    const { exited } = system.process('bot');
    const fired = await during(system, [{ kind: 'token_revoked' }], async () => {
      system.world.slack.faults.inject({ kind: 'drop-sockets' });
      const late = new AbortController();
      const code = await Promise.race([exited, delay(deadlineMs, 'late', { signal: late.signal })]);
      late.abort();
      if (code !== 1) throw new Error(`the bot did not give up with exit code 1: ${code}`);
      await delay(minuteMs);
    });
    // As whatever runs it would.
    await system.crash('bot');
    return fired;
  },
};

export const slackRefuses: FaultRow = {
  name: 'slack-refuses',
  about: 'Slack takes no message for want of a right (token refused), for a minute (of few incidents: for a second)',
  inject: async ({ system, reached, minuteMs }) => {
    await reached(0.3);
    const faults = ['chat.postMessage', 'chat.update'].map((method) => ({ kind: 'invalid_auth', method }) as const);
    return during(system, faults, () => delay(minuteMs));
  },
};

export const slackChannelArchived: FaultRow = {
  name: 'slack-channel-archived',
  about: 'every second team’s channel is archived',
  inject: ({ system, happened }) => {
    const archived = system.world.slack.store.channels().filter(({ name }) => /^team-\d*[02468]$/.test(name));
    return during(
      system,
      archived.map(({ id }) => ({ kind: 'is_archived', channel: id })),
      () => happened,
    );
  },
};

/** So many refusals each time, of each method; resolves with how many there were when all of them have been met. */
async function bursts(stage: Stage, methods: readonly string[], fault: () => FaultRequest): Promise<number> {
  const { faults } = stage.system.world.slack;
  const ids = new Set<string>();
  await stage.nowAndThen(async () => {
    for (const method of methods) ids.add(faults.inject({ ...fault(), method }).id);
  });
  const ours = () => faults.list().filter(({ id }) => ids.has(id));
  // What comes after the last message is met by nobody.
  await stage.orMissed(
    until('Slack refused each time', () => (ours().every(({ remaining }) => remaining === 0) ? true : null)),
  );
  for (const id of ids) faults.clear(id);
  return firedOf(stage.system, ids);
}

/** These faults stand while `work` goes on, and until one was met; how often they were. */
async function during(
  system: FaultSystem,
  requests: readonly FaultRequest[],
  work: () => Promise<void>,
): Promise<number> {
  const { faults } = system.world.slack;
  const ids = new Set(requests.map((request) => faults.inject({ ...request, standing: true }).id));
  await work();
  await until('Slack refused something', () => (firedOf(system, ids) > 0 ? true : null));
  for (const id of ids) faults.clear(id);
  return firedOf(system, ids);
}

function firedOf({ world }: FaultSystem, ids: ReadonlySet<string>): number {
  return world.slack.faults.list().reduce((sum, { id, fired }) => sum + (ids.has(id) ? fired : 0), 0);
}
