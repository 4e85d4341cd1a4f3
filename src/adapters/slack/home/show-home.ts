import { setTimeout as sleep } from 'node:timers/promises';
import type { types, webApi } from '@slack/bolt';
import { shortHash } from '../../../core/units/short-hash.ts';
import type { ShowHome } from '../listeners/deps.ts';
import { asSlackFailure } from '../slack-failure.ts';
import { type HomeDeps, readHome } from './read-home.ts';

/** Longer than reading it and the call to Slack take. */
const leaseMs = 15_000;
const mostAttempts = 6;
const pauseMs = 250;

/**
 * Shows a person's Home tab as it is now: sent if it has changed, since Slack counts what is sent for all people together.
 * One bot at a time does it for one person, so that an older view never replaces a newer one; `busy` if another one is at
 * it. Throws a Failure.
 */
export function createShowHome(deps: HomeDeps, client: webApi.WebClient): ShowHome {
  return async (user) => {
    const lease = await patiently(() => deps.homes.lease(user, leaseMs));
    if (lease === null) return 'busy';
    try {
      const view = await readHome(deps, user);
      const hash = shortHash(JSON.stringify(view.blocks), 32);
      if (hash === (await deps.homes.shown(user))) return 'same';
      await publish(client, user, view);
      await deps.homes.keepShown(user, hash);
      return 'sent';
    } finally {
      await lease.release();
    }
  };
}

/** Another bot has just begun, perhaps before the newest change: it is soon done. */
async function patiently<T>(take: () => Promise<T | null>): Promise<T | null> {
  for (let attempt = 1; attempt < mostAttempts; attempt += 1) {
    const taken = await take();
    if (taken !== null) return taken;
    await sleep(pauseMs, undefined, { ref: false });
  }
  return take();
}

async function publish(client: webApi.WebClient, user: string, view: types.HomeView): Promise<void> {
  try {
    await client.views.publish({ user_id: user, view });
  } catch (error) {
    throw asSlackFailure(error, 'views.publish');
  }
}
