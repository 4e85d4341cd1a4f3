import type { Trigger } from '../kill/trigger.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Findings, PodFacts } from './evidence.ts';
import { podSamplesBefore, samplesBefore } from './samples-before.ts';

/** What the containers of a pod used when one of them was killed, the largest first. Bytes. */
export interface PodUse {
  /** The pod's own cgroup or the sum of its containers, whichever showed more; null where nothing was measured. */
  readonly totalBytes: number | null;
  readonly containers: readonly { readonly container: string; readonly usedBytes: number }[];
}

/**
 * The killed container counts with its last sample before the kill, its neighbours with what they use since: nothing
 * was killed in them.
 */
export function podUseOf(findings: Findings, trigger: Trigger): PodUse {
  const killed = trigger.subject.container ?? '';
  const own = samplesBefore(findings, trigger).at(-1)?.workingSetBytes ?? null;
  const others = findings.pod?.found === true ? findings.pod.value.containers : [];
  const containers = [
    ...(own === null ? [] : [{ container: killed, usedBytes: own }]),
    ...others
      .filter(({ container }) => container !== killed)
      .flatMap(({ container, usedBytes }) => (usedBytes === null ? [] : [{ container, usedBytes }])),
  ].toSorted((a, b) => b.usedBytes - a.usedBytes);
  const sum = containers.reduce((total, { usedBytes }) => total + usedBytes, 0);
  // The row of the pod may be older than those of its containers, and these may be incomplete.
  const known = [podRow(findings, trigger), own === null ? null : sum].filter((bytes) => bytes !== null);
  return { totalBytes: known.length === 0 ? null : Math.max(...known), containers };
}

/** The last row of the pod's own cgroup before the kill. */
function podRow(findings: Findings, trigger: Trigger): number | null {
  const last = podSamplesBefore(findings, trigger).at(-1);
  return last === undefined ? null : Math.max(last.workingSetBytes, last.usageBytes ?? 0);
}

/**
 * `app 66Mi, proxy 30Mi (its own limit is 64Mi)`: what its containers use now. That the killed one is not measured since
 * says nothing: its last sample has a line of its own.
 */
export function podWords({ containers }: PodFacts, killed: string | null): string {
  const others = containers.filter(({ container, usedBytes }) => container !== killed || usedBytes !== null);
  return (others.length > 0 ? others : containers)
    .map(({ container, limitBytes, usedBytes }) => {
      const used = usedBytes === null ? 'not measured' : formatBytes(usedBytes);
      return `${container} ${used}${limitBytes === null ? '' : ` (its own limit is ${formatBytes(limitBytes)})`}`;
    })
    .join(', ');
}
