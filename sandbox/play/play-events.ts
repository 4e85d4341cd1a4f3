import type { Cluster } from '../kubernetes/cluster/cluster.ts';
import type { Target } from '../kubernetes/cluster/target.ts';
import type { DeployRepository } from '../deploy-repository.ts';
import type { Victim } from '../kubernetes/kubelet/node.ts';
import { formatBytes } from '../kubernetes/objects/quantity.ts';
import { lookUntil, StepError, type Patience } from './look-until.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { membersOf, sourcePathOf, targetOf } from '../scenario/scenario-workload.ts';

/** What events of a story act on beside the cluster; what is absent cannot happen. */
export interface Surroundings {
  /** Ends all connections of the pretend API server and refuses new ones for so many virtual ms. */
  readonly cutApi?: (virtualMs: number) => void;
  /** Prometheus answers no question about this namespace for so many virtual ms. */
  readonly downPrometheus?: (virtualMs: number, namespace: string) => void;
  /** Slack's API connections and sockets are cut for so many virtual ms. */
  readonly cutSlack?: (virtualMs: number) => void;
  readonly repository?: DeployRepository;
}

const defaultCutMs = 20_000;
const defaultPressureMs = 60_000;

/** Lets one event happen. A merge waits for its pull request. Throws StepError. */
export async function happen(
  around: Surroundings & { readonly cluster: Cluster; readonly scenario: Scenario },
  event: Scenario['events'][number],
  patience: Patience,
): Promise<void> {
  const { cluster, scenario } = around;
  const { container, namespace } = scenario.workload;
  const targets = membersOf(scenario).map(targetOf);
  const forMs = event.for ?? defaultCutMs;
  switch (event.do) {
    case 'rollout':
      for (const target of targets) {
        // What never ran leaves no revision behind that somebody could compare with.
        await lookUntil(() => hasRun(cluster, target, container), patience);
        cluster.rollout(target, container, {
          ...(event.image === undefined ? {} : { image: event.image }),
          ...(event.limit === undefined ? {} : { limit: formatBytes(event.limit) }),
          ...(event.env === undefined ? {} : { env: event.env }),
        });
      }
      return;
    case 'delete':
      targets.forEach(cluster.deleteWorkload);
      return;
    case 'probe-fails':
      for (const target of targets) cluster.failProbe(target, container);
      return;
    case 'evict':
      for (const target of targets) cluster.evict(target, event.resource === 'disk' ? 'ephemeral-storage' : 'memory');
      return;
    case 'kill-child':
      for (const target of targets) cluster.killChild(target, container, victimOf(event));
      return;
    case 'exit':
      for (const target of targets) cluster.exit(target, container, event.code ?? 1);
      return;
    case 'system-oom':
      for (const target of targets) cluster.exhaustNode(target, container);
      return;
    case 'memory-pressure':
      for (const target of targets) cluster.press(target, 'memory', event.for ?? defaultPressureMs);
      return;
    case 'cut-api':
      around.cutApi?.(forMs);
      return;
    case 'prometheus-down':
      around.downPrometheus?.(forMs, namespace);
      return;
    case 'cut-slack':
      around.cutSlack?.(forMs);
      return;
    case 'merge':
      await endPull('merge', around, patience);
      return;
    case 'close-pr':
      await endPull('close', around, patience);
  }
}

function victimOf({ process, bytes }: Scenario['events'][number]): Partial<Victim> {
  return { ...(process === undefined ? {} : { process }), ...(bytes === undefined ? {} : { rssBytes: bytes }) };
}

function hasRun({ kubelet, kills, standings }: Cluster, target: Target, container: string): boolean {
  const pods = standings(target, container).map(({ pod }) => pod);
  return kills(target).length > 0 || pods.some((pod) => kubelet.usageBytes(target.namespace, pod, container) !== null);
}

async function endPull(
  how: 'merge' | 'close',
  { repository, scenario }: Surroundings & { readonly scenario: Scenario },
  patience: Patience,
): Promise<void> {
  const path = sourcePathOf(scenario);
  if (path === null || repository === undefined)
    throw new StepError(`${how}: the workload has no file in a repository`);
  const ended = await lookUntil(() => repository.end(how, path), patience);
  if (!ended) throw new StepError(`${how}: no pull request for ${path} within ${patience.ms} ms`);
}

/** How long an event goes on after its beginning, virtual ms: a liveness kill takes its failures and the grace. */
export function aftermathMs({ workload }: Scenario, what: Scenario['events'][number]['do']): number {
  if (what === 'evict') return 3000;
  if (what !== 'probe-fails') return 0;
  const { probe, grace } = workload;
  const { period, failures } = typeof probe === 'object' && probe !== null ? probe : { period: 10_000, failures: 3 };
  return period * failures + grace + 2000;
}
