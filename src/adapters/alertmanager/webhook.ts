import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { heardAlertSchema, usedLabels } from '../../core/talk/heard-alert.ts';
import type { HeardAlert } from '../../core/talk/heard-alert.ts';

/** Alertmanager's webhook, version 4. Fields that it adds later are left alone. */
const bodySchema = z.looseObject({
  version: z.literal('4'),
  alerts: z.array(
    z.looseObject({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()).prefault({}),
      startsAt: z.string(),
      fingerprint: z.string().prefault(''),
    }),
  ),
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

/** The alerts of a webhook; null for what is none. What is longer than anybody needs is cut. Never throws. */
export function readAlerts(rawBody: string): readonly HeardAlert[] | null {
  const parsed = bodySchema.safeParse(jsonOf(rawBody));
  if (!parsed.success) return null;
  return parsed.data.alerts.map(({ status, labels, annotations, startsAt, fingerprint }) =>
    heardAlertSchema.parse({
      status,
      // Before 0.19 it sent none.
      fingerprint: cut(fingerprint, 100) || fingerprintOf(labels),
      startsAt: cut(startsAt, 60) || 'unknown',
      name: cut(labels['alertname'] ?? 'an alert without a name', 200),
      summary: cut(sentences.map((name) => annotations[name]).find((text) => text) ?? '', 1_000),
      labels: Object.fromEntries(
        usedLabels.flatMap((name) => {
          const value = labels[name];
          return value === undefined || value === '' ? [] : [[name, cut(value, 253)]];
        }),
      ),
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

function cut(text: string, most: number): string {
  return text.slice(0, most);
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
