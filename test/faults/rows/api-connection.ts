import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../eventually.ts';
import { processNames } from '../../../scripts/system.ts';
import type { FaultRow } from '../row.ts';

export const apiHalfOpen: FaultRow = {
  name: 'api-half-open',
  about: 'the watcher’s connections to the API server stay open and lead nowhere: nothing ever comes over them',
  inject: async ({ system, reached, orMissed }) => {
    const { api } = system.world;
    await reached(0.3);
    const before = api.requestLog().length;
    const hit = system.apiOf('watcher').swallow();
    const isNoticed = (): boolean =>
      api
        .requestLog()
        .slice(before)
        .some(({ path }) => path.startsWith('/api/v1/pods?') && path.includes('watch=1'));
    await orMissed(until('the watcher has opened another watch', () => (isNoticed() ? true : null)));
    return hit;
  },
};

export const apiIdleCut: FaultRow = {
  name: 'api-idle-cut',
  about: 'what is between ends connections to the API server on which nothing passed for a moment (of minutes)',
  inject: async ({ system, minuteMs, reached, happened }) => {
    const proxies = processNames.map((name) => system.apiOf(name));
    const ended = (): number => proxies.reduce((sum, proxy) => sum + proxy.endedIdle(), 0);
    const before = ended();
    await reached(0.1);
    for (const proxy of proxies) proxy.endIdle(minuteMs / 4);
    await happened;
    await until('an idle connection has ended', () => (ended() > before ? true : null));
    for (const proxy of proxies) proxy.endIdle(null);
    return ended() - before;
  },
};

export const credentialsRotated: FaultRow = {
  name: 'credentials-rotated',
  about: 'the API server takes only another token, or has another certificate; the kubeconfig says so a moment later',
  spoils: true,
  inject: async ({ system, random, nowAndThen, orMissed }) => {
    const { api } = system.world;
    let hit = 0;
    await nowAndThen(async (nth) => {
      await orMissed(until('watches are open again', () => (api.openWatches() > 0 ? true : null)));
      hit += api.openWatches();
      await api.rotate(nth % 2 === 0 ? 'token' : 'certificate');
      await delay(random() * 1_000);
      await system.renewKubeconfigs();
    });
    return hit;
  },
};

export const rightsRevoked: FaultRow = {
  name: 'rights-revoked',
  about: 'nobody may list and watch pods for a minute (of few incidents: for a second), then all is as before',
  inject: async ({ system, reached, minuteMs }) => {
    const { api } = system.world;
    const refused = (): number => api.requestLog().filter(({ seq, status }) => seq > first && status === 403).length;
    await reached(0.3);
    const first = api.requestLog().at(-1)?.seq ?? 0;
    const restore = api.revoke('pods');
    await delay(minuteMs);
    await until('something was refused', () => (refused() > 0 ? true : null));
    restore();
    return refused();
  },
};
