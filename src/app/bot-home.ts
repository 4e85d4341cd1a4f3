import type { SlackApp } from '../adapters/slack/bolt-app.ts';
import { slackRates } from '../adapters/slack/slack-rates.ts';
import { secondMs } from '../core/units/duration.ts';
import type { Homes } from '../flow/home/needs.ts';
import { createHomeRefresh, type HomeRefresh } from '../flow/home/refresh-homes.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';

const tickMs = secondMs;

/** Keeps the Home tabs up to date that people look at. */
export function keepHomes(
  context: ProcessContext,
  { homes, slack }: { readonly homes: Homes; readonly slack: Pick<SlackApp, 'showHome'> },
): Pick<HomeRefresh, 'changed'> {
  const { log, config } = context;
  const rate = {
    ...slackRates.home,
    perSecond: slackRates.home.perSecond * (1000 / Math.max(1, config.timing.postEveryMs)),
  };
  const refresh = createHomeRefresh({
    homes,
    show: slack.showHome,
    clock: () => performance.now(),
    rate,
    trouble: (error, user) => log.warn({ error, user }, 'Home tab not shown'),
  });
  const ticking = every(tickMs, refresh.tick, (error) => log.warn({ error }, 'Home tabs not looked at'));
  context.add({ name: 'home tabs', stop: ticking.stop });
  return refresh;
}
