import { z } from 'zod';
import type { ContainerNow } from '../evidence/usage-now.ts';
import type { Workload } from '../kill/kill.ts';
import { jobOwner } from '../kill/subject.ts';
import { textBounds } from '../units/text-bounds.ts';

/** Labels that say what an alert is about; what else it carries is left out. */
export const usedLabels = [
  'cluster',
  'namespace',
  'pod',
  'container',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'cronjob',
  'job_name',
  'workload',
] as const;

/** An alert of Alertmanager, cut down to what is used of it. Hostile text. */
export const heardAlertSchema = z.strictObject({
  status: z.enum(['firing', 'resolved']),
  fingerprint: z.string().min(1).max(textBounds.alertFingerprint),
  /** RFC 3339 as it was sent: with the fingerprint it identifies one firing, however often it is repeated. */
  startsAt: z.string().min(1).max(textBounds.time),
  name: z.string().max(textBounds.alertName),
  summary: z.string().max(textBounds.alertSummary),
  labels: z.partialRecord(z.enum(usedLabels), z.string().max(textBounds.label)),
});
export type HeardAlert = z.infer<typeof heardAlertSchema>;

/** What became of one alert. */
export const alertResults = [
  /** It opened an incident ahead of a kill. */
  'opened',
  /** It was added to the thread of its subject's open incident. */
  'joined',
  /** It was reported before, or ended before it was reported, or its thread has reported very many that still fire. */
  'known',
  'resolved',
  'other-cluster',
  /** No namespace, or neither a pod nor a workload. */
  'no-labels',
  /** No pod that is there fits the labels. */
  'not-found',
  /** More than one container fits, and no label says which. */
  'which-container',
  /** It is about nothing that runs. */
  'not-running',
] as const;
export type AlertResult = (typeof alertResults)[number];

const workloadLabels: readonly (readonly [label: (typeof usedLabels)[number], kind: string])[] = [
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['cronjob', 'CronJob'],
  ['job_name', 'Job'],
  ['replicaset', 'ReplicaSet'],
];

/** Whether these labels name a workload of a kind. */
export function namesWorkload(labels: Readonly<Partial<Record<string, string>>>): boolean {
  return workloadLabels.some(([label]) => labels[label]);
}

/** An alert names a ReplicaSet or a Job, an incident its owner. */
function belongsTo({ workload, pod }: ContainerNow, kind: string, name: string): boolean {
  const isNamed = (one: Workload): boolean => workload.kind === one.kind && workload.name === one.name;
  if (kind === 'Job') return isNamed(jobOwner(name));
  if (kind === 'ReplicaSet' && ['Deployment', 'Rollout'].includes(workload.kind)) {
    return name.startsWith(`${workload.name}-`) && pod.startsWith(`${name}-`);
  }
  return isNamed({ kind, name });
}

/** The containers of its namespace among which an alert names one, or why there is none. Pure. */
export function containerOf(
  labels: HeardAlert['labels'],
  containers: readonly ContainerNow[],
): ContainerNow | 'no-labels' | 'not-found' | 'which-container' {
  const { namespace, pod, container, workload } = labels;
  const named = workloadLabels.find(([label]) => labels[label]);
  if (!namespace || (!pod && !workload && named === undefined)) return 'no-labels';
  const isMeant = (one: ContainerNow): boolean => {
    if (one.namespace !== namespace || (container && one.container !== container)) return false;
    if (pod) return one.pod === pod;
    const [label, kind] = named ?? [];
    if (label === undefined || kind === undefined) return one.workload.name === workload;
    return belongsTo(one, kind, labels[label] ?? '');
  };
  const meant = containers.filter(isMeant);
  const limited = meant.filter(({ limitBytes }) => limitBytes !== null);
  const candidates = limited.length > 0 ? limited : meant;
  const [first] = candidates;
  if (first === undefined) return 'not-found';
  if (candidates.some((one) => one.container !== first.container)) return 'which-container';
  return candidates.find(({ isRunning }) => isRunning) ?? first;
}

/** Checked before anything is read: whether the alert can be about a subject at all. */
export function hasTarget(labels: HeardAlert['labels']): boolean {
  return containerOf(labels, []) !== 'no-labels';
}
