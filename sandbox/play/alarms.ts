import type { Target } from '../kubernetes/cluster/target.ts';
import type { WorldParts } from '../world-parts.ts';

/** What is wrong with what those who wake people were told of these workloads, in sentences. */
export function alarmProblems(
  { pagerduty, alertmanager }: Pick<WorldParts, 'pagerduty' | 'alertmanager'>,
  targets: readonly Target[],
  expected: readonly string[],
): string[] {
  return targets.flatMap(({ namespace, kind, name }) => {
    const about = `${namespace}/${kind}/${name}`;
    const alert = pagerduty.alerts().find(({ payload }) => String(payload['source']).endsWith(`/${about}`));
    const all = pagerduty.events().flatMap(({ key, action }) => (key === alert?.key ? [action] : []));
    // One that is triggered again wakes nobody: it only shows what is known by now.
    const told = all.filter((action, at) => action !== all[at - 1]);
    const isOver = expected.at(-1) === 'resolve';
    const firing = alertmanager.firing().filter(({ labels }) => {
      const { namespace: where, workload_kind: what, workload } = labels;
      return `${where}/${what}/${workload}` === about;
    });
    return [
      ...(told.join() === expected.join()
        ? []
        : [`PagerDuty was told ${told.join(', ') || 'nothing'} of ${about}, not ${expected.join(', ')}`]),
      ...(firing.length === (isOver || expected.length === 0 ? 0 : 1)
        ? []
        : [`Alertmanager has ${firing.length} alerts about ${about}`]),
    ];
  });
}
