import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { minuteMs } from '../../core/units/duration.ts';
import type { Range, Series } from './query-range.ts';
import { oneOf } from './selector.ts';

/*
 * With Memory QoS a kubelet gives a Burstable container a `memory.high` between its request and its limit, above which
 * the kernel slows it down. Up to 1.36 the gate is alpha and off, and where it is on `memory.high` is set; from 1.37 it
 * is beta and on, and sets nothing by default (k/k#140007), so that nothing follows from it. It takes cgroup v2, which
 * kubelets tell of from 1.35 on. They tell all of it on /metrics, which not everybody scrapes.
 */

/** Kubelets restart seldom; VictoriaMetrics does not show the last 30 s. */
const backMs = 10 * minuteMs;
const stepMs = 5 * minuteMs;

/** Whether it could matter to the last kill of a query: with a request as large as the limit there is no `memory.high`. */
export function mayBeSlowed({ kills }: UsageQuery): boolean {
  const kill = kills.at(-1);
  if (kill === undefined || kill.node === null || kill.requestBytes === null || kill.limitBytes === null) return false;
  return kill.requestBytes < kill.limitBytes;
}

/** Whether the kubelet of the last kill's node sets `memory.high`; false where nobody says so. */
export async function hasMemoryQos(
  { kills, to }: UsageQuery,
  ask: (query: string, over: Range) => Promise<readonly Series[]>,
): Promise<boolean> {
  const over = { from: to - backMs, to, stepMs };
  const node = kills.at(-1)?.node ?? '';
  const kubelets = await ask(`kubelet_node_name{node=~${oneOf([node])}}`, over);
  const instances = kubelets.flatMap(({ labels: { instance } }) => (instance === undefined ? [] : [instance]));
  if (instances.length === 0) return false;
  const gates = `__name__=~"kubernetes_feature_enabled|kubelet_cgroup_version",name=~"|MemoryQoS",stage=~"|ALPHA"`;
  const said = await ask(`{${gates},instance=~${oneOf(instances)}}`, over);
  const last = (name: string): number | undefined =>
    said.find(({ labels }) => labels['__name__'] === name)?.points.at(-1)?.v;
  return last('kubernetes_feature_enabled') === 1 && last('kubelet_cgroup_version') === 2;
}
