import { connect } from '../../adapters/kubernetes/transport/connect.ts';
import { listPrometheusServices } from '../../adapters/kubernetes/read/prometheus-services.ts';
import { probePrometheus } from '../../adapters/prometheus/probe.ts';
import { createPrometheusFinder } from '../../flow/find-prometheus.ts';
import type { Config } from '../config/config.ts';
import { connectOptions } from '../connect-options.ts';
import { prometheusWish } from '../usage.ts';
import { check, ok, problem, skipped, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';

const probeMs = 3_000;
const servicesMs = 10_000;
const mend = 'Set OOMKEEPER_PROMETHEUS_URL to a Prometheus-compatible API that scrapes cAdvisor.';

/** Whether a Prometheus is configured or found, answers, and has what is read from it. */
export async function checkUsage(config: Config): Promise<readonly Finding[]> {
  return [await check('usage', 'Prometheus', mend, () => checkPrometheus(config))];
}

async function checkPrometheus(config: Config): Promise<Outcome> {
  const wish = prometheusWish(config.OOMKEEPER_PROMETHEUS_URL);
  if (wish.is === 'off') return skipped('It is switched off (OOMKEEPER_PROMETHEUS_URL=off).');
  if (wish.is === 'url') {
    const probed = await probePrometheus(wish.url, { deadlineMs: probeMs });
    return probed.is === 'usable'
      ? ok(`${wish.shown} answers and has usage of containers.`)
      : problem(`${wish.shown} cannot be used: ${probed.text}`, mend);
  }
  const transport = await connect(connectOptions(config));
  const finder = createPrometheusFinder({
    wish,
    candidates: (place) => listPrometheusServices(transport, place, servicesMs),
    probe: (url) => probePrometheus(url, { deadlineMs: probeMs }),
    log: () => undefined,
    now: Date.now,
  });
  await finder.look();
  const source = finder.source();
  return source.is === 'prometheus'
    ? ok(`${source.words}.`)
    : warning(`Usage can only be sampled from metrics.k8s.io: ${source.why} (${source.details}).`, mend);
}
