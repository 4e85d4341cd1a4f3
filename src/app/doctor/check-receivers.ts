import { lookAtAlertmanager } from '../../adapters/alertmanager/look-at.ts';
import { createRefusals } from '../../adapters/redis/notify/refusals.ts';
import { clockTime } from '../../core/talk/words.ts';
import type { Receiver, Refusal } from '../../flow/notify/needs.ts';
import type { Config } from '../config/config.ts';
import { visitRedis } from '../command-line/visit-redis.ts';
import { receiversFor } from '../notify/receivers.ts';
import { aheadBy, check, clockOutcome, ok, problem, skipped } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { bySetting } from './mend.ts';
import type { Mend } from './mend.ts';

const timeoutMs = 5_000;
const pagerdutyMend = bySetting('Set PAGERDUTY_ROUTING_KEY to the key of an Events API v2 integration.', {
  PAGERDUTY_ROUTING_KEY: '0123456789abcdef0123456789abcdef',
});
const alertmanagerMend = bySetting('Check OOMKEEPER_ALERTMANAGER_URL and its login, or OOMKEEPER_ALERTMANAGER_TOKEN.', {
  OOMKEEPER_ALERTMANAGER_URL: 'http://alertmanager.monitoring:9093',
  OOMKEEPER_ALERTMANAGER_TOKEN: 'TOKEN',
});

/** Whether those who wake people can be told. Nobody is paged: what became of the last alarm is all that is known. */
export async function checkReceivers(config: Config): Promise<readonly Finding[]> {
  const receivers = receiversFor(config);
  const refusals = await refusalsOf(config, receivers);
  const pagerduty = receivers.find(({ kind }) => kind === 'pagerduty');
  const alertmanagers = receivers.filter(({ kind }) => kind === 'alertmanager');
  return [
    await check('receivers', 'PagerDuty', pagerdutyMend, () =>
      pagerduty === undefined
        ? skipped('PAGERDUTY_ROUTING_KEY is not set, so nobody is paged.')
        : (refused(refusals.get(pagerduty.name), pagerdutyMend) ??
          ok(
            'PAGERDUTY_ROUTING_KEY is set. It cannot be tried without paging somebody, so only the first alarm shows whether it is right.',
          )),
    ),
    ...(alertmanagers.length === 0
      ? [await check('receivers', 'Alertmanager', alertmanagerMend, () => notThere())]
      : (
          await Promise.all(
            alertmanagers.map(({ name }, place) =>
              lookAt(config, config.OOMKEEPER_ALERTMANAGER_URL[place] ?? '', place, refusals.get(name)),
            ),
          )
        ).flat()),
  ];
}

function notThere(): Outcome {
  return skipped('OOMKEEPER_ALERTMANAGER_URL is not set, so it gets no alerts.');
}

async function lookAt(
  config: Config,
  url: string,
  place: number,
  refusal: Refusal | undefined,
): Promise<readonly Finding[]> {
  const name = place === 0 ? 'Alertmanager' : `Alertmanager ${place + 1}`;
  let aheadMs: number | null = null;
  const found = await check('receivers', name, alertmanagerMend, async () => {
    const before = Date.now();
    const { base, version, date } = await lookAtAlertmanager(
      url,
      config.OOMKEEPER_ALERTMANAGER_TOKEN ?? null,
      timeoutMs,
    );
    aheadMs = aheadBy(date, { before, after: Date.now() });
    return refused(refusal, alertmanagerMend) ?? ok(`${base} is Alertmanager ${version}.`);
  });
  const told = aheadMs;
  if (told === null) return [found];
  return [found, await check('receivers', `clock of ${name}`, '', () => clockOutcome(name, told))];
}

function refused(refusal: Refusal | undefined, mend: Mend): Outcome | null {
  if (refusal === undefined) return null;
  return problem(`It refused the last alarm, at ${clockTime(refusal.at, Date.now())}: ${refusal.why}`, mend);
}

/** By the receiver's name, of the configuration that there is now. Without Redis nothing is known. */
async function refusalsOf(
  { REDIS_URL: url }: Config,
  receivers: readonly Receiver[],
): Promise<ReadonlyMap<string, Refusal>> {
  if (receivers.length === 0) return new Map();
  return visitRedis(url, async (redis) => {
    const refusals = createRefusals(redis);
    const found = await Promise.all(
      receivers.map(async ({ name, configuration }) => {
        const refusal = await refusals.of(name);
        return refusal?.configuration === configuration ? [[name, refusal] satisfies [string, Refusal]] : [];
      }),
    );
    return new Map(found.flat());
  }).catch(() => new Map());
}
