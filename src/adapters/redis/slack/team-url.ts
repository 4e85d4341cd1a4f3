import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/** Keeps the address of the workspace (`https://acme.slack.com/`) for the workers, which do not know Slack. @throws Failure */
export async function keepTeamUrl(redis: RedisClient, url: string): Promise<void> {
  await guarded(redis.set(slackKeys.team, url));
}

/** Null as long as no bot has said it. @throws Failure */
export async function readTeamUrl(redis: RedisClient): Promise<string | null> {
  return guarded(redis.get(slackKeys.team));
}
