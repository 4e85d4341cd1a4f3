import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { heardAlertSchema, namesWorkload, usedLabels } from '../../core/talk/heard-alert.ts';
import { redact } from '../../core/redact/redact.ts';
import type { HeardAlert } from '../../core/talk/heard-alert.ts';
import { bounded } from '../../core/units/text-bounds.ts';
import { ownAlertName } from './alert-of.ts';

/** Alertmanager's webhook, version 4. Fields that it adds later are left alone. */
const bodySchema = z.looseObject({
  version: z.literal('4'),
  /** How many `max_alerts` kept back: nobody ever tells of them. Since 0.22. */
  truncatedAlerts: z.number().prefault(0),
  alerts: z.array(z.unknown()),
});
const alertSchema = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).prefault({}),
  startsAt: z.string(),
  fingerprint: z.string().prefault(''),
});
/** As much of an alert that cannot be read as names it. */
const nameSchema = z.looseObject({
  fingerprint: z.string().optional().catch(undefined),
  labels: z
    .looseObject({ alertname: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Annotations that say in a sentence what it is, the best first. */
const sentences = ['summary', 'description', 'message'] as const;

/** Whether this is the secret, as a bearer token or as the password of whatever user. Takes as long either way. */
export function isAuthorized(authorization: string | undefined, secret: string): boolean {
  const [, scheme = '', given = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? [];
  const decoded = Buffer.from(given, 'base64').toString('utf8');
  const password = scheme.toLowerCase() === 'basic' ? decoded.slice(decoded.indexOf(':') + 1) : given;
  return timingSafeEqual(hashOf(password), hashOf(secret));
}

export interface Webhook {
  readonly alerts: readonly HeardAlert[];
  /** Names of those that cannot be read: fingerprint, else name, else number in the list. */
  readonly unreadable: readonly string[];
  /** Fingerprints of those that we have sent ourselves: their incidents have threads. */
  readonly own: readonly string[];
  /** Alerts that Alertmanager kept back. */
  readonly truncated: number;
}

/**
 * The alerts of a webhook; null for what is none. An alert that cannot be read is left out and named, and what is longer
 * than anybody needs is cut. Never throws.
 */
export function readAlerts(rawBody: string): Webhook | null {
  const parsed = bodySchema.safeParse(jsonOf(rawBody));
  if (!parsed.success) return null;
  const alerts: HeardAlert[] = [];
  const unreadable: string[] = [];
  const own: string[] = [];
  for (const [at, given] of parsed.data.alerts.entries()) {
    const alert = alertSchema.safeParse(given);
    if (!alert.success) unreadable.push(nameOf(given, at));
    else if (alert.data.labels['alertname'] === ownAlertName) own.push(heard(alert.data).fingerprint);
    else alerts.push(heard(alert.data));
  }
  return { alerts, unreadable, own, truncated: parsed.data.truncatedAlerts };
}

function heard({ status, labels, annotations, startsAt, fingerprint }: z.infer<typeof alertSchema>): HeardAlert {
  return heardAlertSchema.parse({
    status,
    // Before 0.19 it sent none.
    fingerprint: bounded(fingerprint, 'alertFingerprint') || fingerprintOf(labels),
    startsAt: bounded(startsAt, 'time') || 'unknown',
    name: bounded(redact(labels['alertname'] ?? 'an alert without a name'), 'alertName'),
    summary: bounded(redact(sentences.map((name) => annotations[name]).find((text) => text) ?? ''), 'alertSummary'),
    labels: ownLabels(labels),
  });
}

function nameOf(given: unknown, at: number): string {
  const { data } = nameSchema.safeParse(given);
  return (
    bounded(redact(data?.fingerprint ?? data?.labels?.alertname ?? ''), 'alertName') || `number ${at + 1} in the list`
  );
}

/**
 * The labels of what an alert is about. A Prometheus that does not honour an exporter's labels keeps them as `exported_…`
 * where they clash, and then `namespace`, `pod` and `container` are the exporter's: to open a thread about
 * kube-state-metrics would be wrong. A label that does not clash is not renamed, so that one exported label does not say
 * whose the others are: of a metric about a workload `pod` is the exporter's, and beside an exported pod `container` is.
 */
function ownLabels(given: Readonly<Record<string, string>>): HeardAlert['labels'] {
  const exported = (name: string): string => given[`exported_${name}`] ?? '';
  const ofExporter = new Set<string>();
  if (exported('pod') !== '') ofExporter.add('container');
  else if (exported('namespace') !== '' && namesWorkload(given)) ofExporter.add('pod').add('container');
  return Object.fromEntries(
    usedLabels.flatMap((name) => {
      const value = exported(name) || (ofExporter.has(name) ? '' : (given[name] ?? ''));
      return value === '' ? [] : [[name, bounded(value, 'label')]];
    }),
  );
}

/** The same whatever the order of the labels. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(labels)
    .toSorted()
    .map((name) => [name, labels[name]]);
  return hashOf(JSON.stringify(sorted)).toString('hex');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
