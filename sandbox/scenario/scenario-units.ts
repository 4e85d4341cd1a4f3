import { z } from 'zod';

import { bytesOf } from '../kubernetes/objects/quantity.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ms, of `90s` and the like or of a bare number of seconds. */
export const durationSchema = z
  .union([z.string().regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, 'a duration such as 90s or 1h30m'), z.number().min(0)])
  .meta({ description: 'A duration such as `90s`, `1h30m`; a bare number is seconds. Virtual time.' })
  .transform((value) => (typeof value === 'number' ? value * 1000 : durationMs(value)));

export const bytesSchema = z
  .union([z.string(), z.number().min(0)])
  .meta({ description: 'Bytes as a Kubernetes quantity: `96Mi`, `1.5Gi`, `100000000`.' })
  .transform((value, context) => {
    // `96MiB` is no quantity of Kubernetes, but there is only one thing that it can mean.
    const bytes = bytesOf(typeof value === 'string' ? value.replace(/(?<=[KMGT]i|[kMGT])B$/, '') : value);
    if (bytes === undefined)
      context.addIssue({ code: 'custom', message: `"${value}" is no quantity of bytes such as 96Mi` });
    return bytes ?? 0;
  });

export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'a Kubernetes name: lower case, digits and dashes');

function durationMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}
