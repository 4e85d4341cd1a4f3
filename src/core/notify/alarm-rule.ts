import { z } from 'zod';
import type { Subject } from '../kill/kill.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { isAtLeast, severitySchema } from './severity.ts';
import type { Severity } from './severity.ts';

/** Those who wake people, as policy names them. */
export const receiverKinds = ['pagerduty', 'alertmanager'] as const;
export type ReceiverKind = (typeof receiverKinds)[number];

export const alarmRuleSchema = z
  .strictObject({
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
    receivers: z
      .array(z.enum(receiverKinds))
      .min(1)
      .prefault([...receiverKinds]),
    from: z.enum([...severitySchema.options, 'never']),
  })
  .readonly();
/** From which severity on a receiver is told of the incidents of some namespaces. */
export type AlarmRule = z.infer<typeof alarmRuleSchema>;
export type Threshold = AlarmRule['from'];

/** PagerDuty wakes whoever is on call; Alertmanager has routes of its own that decide that. */
const usually: Readonly<Record<ReceiverKind, Threshold>> = { pagerduty: 'high', alertmanager: 'low' };

/** From which severity on this receiver is told of an incident: by the first rule that matches, else by the usual one. */
export function thresholdFor(
  rules: readonly AlarmRule[],
  receiver: ReceiverKind,
  { cluster, namespace }: Pick<Subject, 'cluster' | 'namespace'>,
): Threshold {
  const rule = rules.find(
    ({ receivers, clusters, namespaces }) =>
      receivers.includes(receiver) &&
      clusters.some((glob) => matchesGlob(glob, cluster)) &&
      namespaces.some((glob) => matchesGlob(glob, namespace ?? '')),
  );
  return rule?.from ?? usually[receiver];
}

/** Whether a severity is as bad as the threshold, or worse. */
export function reaches(severity: Severity, threshold: Threshold): boolean {
  return threshold !== 'never' && isAtLeast(severity, threshold);
}
