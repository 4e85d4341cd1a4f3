import { connect } from '../../adapters/kubernetes/transport/connect.ts';
import { resizeServed } from '../../adapters/kubernetes/read/resize-served.ts';
import { mayI } from '../../adapters/kubernetes/read/review-access.ts';
import { kubeletRights, usedRights } from '../../adapters/kubernetes/read/rights.ts';
import type { Right } from '../../adapters/kubernetes/read/rights.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import { Failure } from '../../core/failure.ts';
import { record, text } from '../../core/kill/json-read.ts';
import type { Config } from '../config/config.ts';
import { connectOptions } from '../connect-options.ts';
import type { ProcessName } from '../config/about-variable.ts';
import { aheadBy, check, clockOutcome, ok, problem, skipped, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { byApplying, byComponent, byNamespaces, bySetting } from './mend.ts';
import type { Mend } from './mend.ts';

const deadlineMs = 10_000;

/** Whether the API server answers, what it serves, its clock, and every right that the processes use. */
export async function checkCluster(config: Config, processes: readonly ProcessName[]): Promise<readonly Finding[]> {
  const mend = byApplying('Check that KUBECONFIG names a cluster that can be reached, and an account that it knows.');
  let there: { readonly transport: Transport; readonly aheadMs: number | null } | undefined;
  const reached = await check('cluster', 'API server', mend, async () => {
    const transport = await connect(connectOptions(config));
    const before = Date.now();
    const { body, headers } = await transport.answer({ path: '/version', deadlineMs });
    there = { transport, aheadMs: aheadBy(headers.date, { before, after: Date.now() }) };
    return ok(
      `${transport.server} runs Kubernetes ${text(record(body)['gitVersion']) ?? '(it does not say which version)'}.`,
    );
  });
  if (there === undefined) return [reached];
  const { transport, aheadMs } = there;
  const others = await Promise.all([
    check('cluster', 'clock', 'Sync both clocks by NTP.', () =>
      aheadMs === null ? skipped('The API server does not say its time.') : clockOutcome('the API server', aheadMs),
    ),
    ...(processes.includes('worker')
      ? [
          check('cluster', 'in-place resize', mend, () => checkResize(transport)),
          check('cluster', 'metrics.k8s.io', mend, () => checkMetrics(transport)),
        ]
      : []),
    ...rightsOf(config)
      .filter(({ process }) => processes.includes(process))
      .map((right) => checkRight(transport, right, config)),
  ]);
  return [reached, ...others];
}

async function checkResize(transport: Transport): Promise<Outcome> {
  return (await resizeServed(transport, deadlineMs))
    ? ok('pods/resize is served: limits can be changed without a restart.')
    : warning(
        'pods/resize is not served, so every change is a rollout.',
        'Update the cluster to Kubernetes 1.33 or newer.',
      );
}

async function checkMetrics(transport: Transport): Promise<Outcome> {
  try {
    await transport.json({ path: '/apis/metrics.k8s.io/v1beta1', deadlineMs });
    return ok('metrics.k8s.io is served, so usage can be sampled where there is no Prometheus.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return warning(
      `metrics.k8s.io is not served, so without a Prometheus there is no usage: ${error.message}`,
      bySetting('Install metrics-server, or set OOMKEEPER_PROMETHEUS_URL.', {
        OOMKEEPER_PROMETHEUS_URL: 'http://prometheus.monitoring:9090',
      }),
    );
  }
}

function rightsOf(config: Config): readonly Right[] {
  return config.OOMKEEPER_KUBELET_METRICS === 'on' ? [...usedRights, ...kubeletRights] : usedRights;
}

async function checkRight(transport: Transport, right: Right, config: Config): Promise<Finding> {
  const { process, need, why, namespaced } = right;
  const found = await check('cluster', `${process} may ${nameOf(right)}`, mendOf(right, config, []), async () => {
    if (need === 'act' && config.OOMKEEPER_MODE === 'observe')
      return skipped('Needed only with OOMKEEPER_MODE=act, and it is observe.');
    const namespaces: readonly (string | null)[] =
      namespaced && config.OOMKEEPER_NAMESPACES.length > 0 ? config.OOMKEEPER_NAMESPACES : [null];
    const answers = await Promise.all(namespaces.map((one) => mayI(transport, right, one, deadlineMs)));
    const refused = namespaces.filter((_, index) => answers[index]?.allowed !== true);
    if (refused.length === 0) return ok(`Allowed; needed ${why}.`);
    const places = refused.filter((one) => one !== null);
    const where = places.length === 0 ? '' : ` in ${places.join(', ')}`;
    const said = `Not allowed${where}; needed ${why}.`;
    const mend = mendOf(right, config, places);
    return need === 'should' ? warning(said, mend) : problem(said, mend);
  });
  return { ...found, oneOf: `rights of the ${process}${need === 'act' ? ' to act' : ''}` };
}

function nameOf({ verb, resource, group }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

/** How to get a right; `places` are the namespaces, of those that are configured, where it lacks. */
function mendOf(right: Right, config: Config, places: readonly string[]): Mend {
  const { process, verb, resource, group, need } = right;
  const grant = `Grant "${verb}" on "${resource}" of ${group === '' ? 'the core API group ("")' : `the API group "${group}"`} to the ${process}`;
  if (need === 'act') return byComponent(`${grant}: deploy/kubernetes/components/act does.`, 'act');
  if (kubeletRights.includes(right))
    return byComponent(
      `${grant}: deploy/kubernetes/components/kubelet-metrics does. Or set OOMKEEPER_KUBELET_METRICS=off.`,
      'kubelet-metrics',
    );
  if (places.length > 0)
    return byNamespaces(
      `${grant} there: deploy/kubernetes/components/one-namespace has the role bindings.`,
      config.OOMKEEPER_NAMESPACES,
    );
  return byApplying(`${grant}: deploy/kubernetes has the roles.`);
}
