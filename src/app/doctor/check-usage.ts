import { connect } from '../../adapters/kubernetes/transport/connect.ts';
import { listPrometheusServices } from '../../adapters/kubernetes/read/prometheus-services.ts';
import { probePrometheus } from '../../adapters/prometheus/probe.ts';
import { createPrometheusFinder } from '../../flow/find-prometheus.ts';
import type { Config } from '../config/config.ts';
import { connectOptions } from '../connect-options.ts';
import { prometheusWish } from '../usage.ts';
import { aheadBy, check, clockOutcome, ok, problem, skipped, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { bySetting } from './mend.ts';

const probeMs = 3_000;
const servicesMs = 10_000;
const mend = bySetting('Set OOMKEEPER_PROMETHEUS_URL to a Prometheus-compatible API that scrapes cAdvisor.', {
  OOMKEEPER_PROMETHEUS_URL: 'http://prometheus.monitoring:9090',
});

/** Whether a Prometheus is configured or found, answers, has what is read from it, and has the same time. */
export async function checkUsage(config: Config): Promise<readonly Finding[]> {
  const aheadMs: number[] = [];
  const timed: typeof globalThis.fetch = async (...request) => {
    const before = Date.now();
    const answer = await globalThis.fetch(...request);
    const ahead = aheadBy(answer.headers.get('date'), { before, after: Date.now() });
    if (ahead !== null) aheadMs.push(ahead);
    return answer;
  };
  const found = await check('usage', 'Prometheus', mend, () => checkPrometheus(config, timed));
  // What was found is what answered last.
  const last = found.state === 'skipped' ? undefined : aheadMs.at(-1);
  if (last === undefined) return [found];
  return [found, await check('usage', 'clock of Prometheus', '', () => clockOutcome('Prometheus', last))];
}

async function checkPrometheus(config: Config, fetch: typeof globalThis.fetch): Promise<Outcome> {
  const wish = prometheusWish(config.OOMKEEPER_PROMETHEUS_URL);
  if (wish.is === 'off') return skipped('It is turned off (OOMKEEPER_PROMETHEUS_URL=off).');
  const probe = (url: string) => probePrometheus(url, { deadlineMs: probeMs, fetch });
  if (wish.is === 'url') {
    const probed = await probe(wish.url);
    return probed.is === 'usable'
      ? ok(`${wish.shown} answers and has the memory usage of containers.`)
      : problem(`${wish.shown} cannot be used: ${probed.text}`, mend);
  }
  const transport = await connect(connectOptions(config));
  const finder = createPrometheusFinder({
    wish,
    candidates: (place) => listPrometheusServices(transport, place, servicesMs),
    probe,
    log: () => undefined,
    now: Date.now,
  });
  await finder.look();
  const source = finder.source();
  return source.is === 'prometheus'
    ? ok(`${source.words}.`)
    : warning(`Usage can only be sampled from metrics.k8s.io: ${source.why} (${source.details}).`, mend);
}
