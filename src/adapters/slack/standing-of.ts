import { setTimeout as sleep } from 'node:timers/promises';
import type { webApi } from '@slack/bolt';
import { type Standing, whyMayNotAsk } from '../../core/approve/standing.ts';
import { createRecent } from '../../core/units/recent.ts';
import { minuteMs } from '../../core/units/duration.ts';
import { inTime } from '../in-time.ts';
import { asSlackFailure } from './slack-failure.ts';
import type { Log } from './slack-logger.ts';
import type { SlackIdentity } from './web-client.ts';

/** Somebody who was just made a guest, or deactivated, can ask for this long, ms. */
const keptMs = minuteMs;
const remembered = 500;

const NO_SCOPE =
  'I cannot see whether you are a member or a guest here: my Slack app lacks the scope users:read. Nothing changed. Whoever runs Oomkeeper has to add it and install the app again.';
const NO_ANSWER =
  'Slack does not tell me at the moment whether you are a member or a guest here, so nothing changed. Please try again in a minute.';
const NOT_SHOWN = 'Slack does not show me your account, so you cannot ask for changes or approve. Nothing changed.';

/** A Slack that is away for some seconds refuses nobody: whoever clicked is acknowledged already. */
const usualPausesMs = [250, 1_000, 2_000, 4_000, 8_000];

export interface StandingDeps {
  readonly identity: SlackIdentity;
  readonly pausesMs?: readonly number[];
  /** ms UTC */
  readonly now: () => number;
  readonly log: Log;
}

/** What may wait only so long for Slack, ms. */
const briefMs = 2_000;

export interface People {
  /**
   * Why a person may neither ask for a change nor decide about one, as a sentence; null if they may, as far as the
   * workspace goes. Without an answer of Slack nobody may.
   */
  readonly mayNotAsk: (user: string) => Promise<string | null>;
  /** The same of a pause, which only stops changes: without an answer of Slack within two seconds everybody may. */
  readonly mayNotPause: (user: string) => Promise<string | null>;
}

export function createPeople(
  client: webApi.WebClient,
  { identity, now, log, pausesMs = usualPausesMs }: StandingDeps,
): People {
  const kept = createRecent<{ readonly at: number; readonly standing: Promise<Standing> }>(remembered);

  function lookUp(user: string): Promise<Standing> {
    const known = kept.get(user);
    if (known !== undefined && now() - known.at < keptMs) return known.standing;
    const mine = { at: now(), standing: patiently(() => ask(client, user, identity), pausesMs) };
    kept.set(user, mine);
    mine.standing.catch(() => {
      if (kept.get(user) === mine) kept.delete(user);
    });
    return mine.standing;
  }

  function refusalOf(user: string, standing: Standing): string | null {
    if (standing !== 'member') log.warn({ user, standing }, 'asked by somebody who is no member');
    return whyMayNotAsk(standing);
  }

  return {
    mayNotAsk: async (user) => {
      try {
        return refusalOf(user, await lookUp(user));
      } catch (error) {
        const failure = asSlackFailure(error, 'users.info');
        log.warn({ error: failure, user }, 'person not looked up');
        if (failure.code === 'chat-missing-scope') return NO_SCOPE;
        return failure.code === 'chat-not-a-member' ? NOT_SHOWN : NO_ANSWER;
      }
    },
    mayNotPause: async (user) => {
      try {
        const standing = await inTime(lookUp(user), briefMs, () => null);
        return standing === null ? null : refusalOf(user, standing);
      } catch (error) {
        log.warn({ error: asSlackFailure(error, 'users.info'), user }, 'person not looked up');
        return null;
      }
    },
  };
}

/** Again after each pause while that can help. @throws Failure */
async function patiently<T>(work: () => Promise<T>, pausesMs: readonly number[]): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      const failure = asSlackFailure(error, 'users.info');
      if (failure.retry === 'never') throw failure;
    }
    await sleep(pauseMs, undefined, { ref: false });
  }
  return work();
}

type User = NonNullable<webApi.UsersInfoResponse['user']>;

async function ask(client: webApi.WebClient, id: string, ours: SlackIdentity): Promise<Standing> {
  const { user } = await client.users.info({ user: id });
  if (user?.id !== id) throw new Error('users.info answered about somebody else');
  return standingOf(user, ours);
}

/** What an answer of `users.info` says. In an Enterprise Grid a person can be of several workspaces. */
export function standingOf(user: User, ours: Pick<SlackIdentity, 'botUserId' | 'teamId'>): Standing {
  // NOTE: Slack says of Slackbot that it is no bot.
  if (user.id === ours.botUserId || user.id === 'USLACKBOT') return 'bot';
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true || user.is_workflow_bot === true || user.is_connector_bot === true) return 'bot';
  const teams = [user.team_id, ...(user.enterprise_user?.teams ?? [])];
  if (user.is_stranger === true || !teams.includes(ours.teamId)) return 'elsewhere';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}
