import { z } from 'zod';

import { bytesOf } from './kubernetes/kubelet-quantity.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const durationSchema = z
  .union([z.string().regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, 'a duration such as 90s or 1h30m'), z.number().min(0)])
  .meta({ description: 'A duration such as `90s`, `1h30m`; a bare number is seconds. Virtual time.' })
  .transform((value) => (typeof value === 'number' ? value * 1000 : durationMs(value)));

const bytesSchema = z
  .union([z.string(), z.number().min(0)])
  .meta({ description: 'Bytes as a Kubernetes quantity: `96Mi`, `1.5Gi`, `100000000`.' })
  .transform((value, context) => {
    // `96MiB` is no quantity of Kubernetes, but there is only one thing that it can mean.
    const bytes = bytesOf(typeof value === 'string' ? value.replace(/(?<=[KMGT]i|[kMGT])B$/, '') : value);
    if (bytes === undefined)
      context.addIssue({ code: 'custom', message: `"${value}" is no quantity of bytes such as 96Mi` });
    return bytes ?? 0;
  });

const verdicts = [
  'limit-too-low',
  'leak',
  'traffic-spike',
  'bad-rollout',
  'heap-misconfigured',
  'tmpfs',
  'page-cache',
  'child-process',
  'pod-limit',
  'node-pressure',
  'overcommit',
  'no-limit',
  'not-memory',
  'inconclusive',
] as const;

const fixes = [
  'raise-limit',
  'set-heap',
  'roll-back',
  'move-volume',
  'fix-leak',
  'adjust-requests',
  'add-node-memory',
  'none',
] as const;

const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'a Kubernetes name: lower case, digits and dashes');

const pointSchema = z.strictObject({
  at: durationSchema,
  bytes: bytesSchema,
  revision: z.number().int().min(1).default(1).meta({ description: 'Rollouts so far plus 1.' }),
});

const workloadSchema = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']),
  name: nameSchema,
  namespace: nameSchema,
  container: nameSchema.default('app'),
  replicas: z.number().int().min(0).default(1),
  limit: bytesSchema.optional(),
  request: bytesSchema.optional(),
  runtime: z.enum(['java', 'node', 'python', 'go', 'plain']).default('plain'),
  env: z.record(z.string(), z.string()).default({}),
  probe: z
    .union([
      z.literal('liveness'),
      z.strictObject({ period: durationSchema, failures: z.number().int().min(1) }),
      z.null(),
    ])
    .optional(),
  volumes: z
    .array(
      z.strictObject({
        name: nameSchema,
        mountPath: z.string().default('/data'),
        medium: z.enum(['Memory', '']).default(''),
        sizeLimit: bytesSchema.optional(),
      }),
    )
    .default([]),
  owner: z
    .string()
    .nullable()
    .optional()
    .meta({ description: 'Who manages it: the label app.kubernetes.io/managed-by.' }),
  backoffLimit: z.number().int().min(0).default(0).meta({ description: 'Job, CronJob: failures before it gives up.' }),
  ttl: durationSchema.optional().meta({ description: 'Job, CronJob: ttlSecondsAfterFinished.' }),
  grace: durationSchema.default(30_000).meta({ description: 'terminationGracePeriodSeconds.' }),
});

export const scenarioSchema = z
  .strictObject({
    name: nameSchema,
    description: z.string().optional(),
    expect: z.strictObject({
      verdict: z.enum(verdicts).nullable().default(null),
      threads: z.number().int().min(0),
      kills: z.number().int().min(0).default(0).meta({
        description:
          'Kills in the thread; at least so many where people act, since their speed decides. 1 where there is a thread and nothing is said.',
      }),
      fix: z.enum(fixes).nullable().default(null),
      verified: z.enum(['held', 'failed', 'vanished', 'overshot', 'inconclusive']).nullable().default(null),
    }),
    workload: workloadSchema,
    program: z.array(pointSchema).min(1).meta({
      description: 'What the container needs: straight lines between points, `at` since the start of its life.',
    }),
    repeat: z.boolean().default(false).meta({ description: 'The program starts over after its last point.' }),
    history: z
      .strictObject({
        lives: z.number().int().min(0).meta({ description: 'Killed lives before the start, in real time.' }),
        next: durationSchema.meta({ description: 'The life in course is killed this long after the start.' }),
      })
      .optional(),
    events: z
      .array(
        z.strictObject({
          at: durationSchema,
          do: z.enum(['rollout', 'delete', 'probe-fails', 'evict', 'cut-api']),
          image: z.string().optional(),
          limit: bytesSchema.optional(),
          revision: z.number().int().min(1).optional().meta({ description: 'rollout: for whoever reads it.' }),
          for: durationSchema.optional().meta({ description: 'cut-api: how long.' }),
        }),
      )
      .default([]),
    people: z
      .array(
        z.strictObject({
          at: durationSchema,
          user: z
            .string()
            .min(1)
            .meta({ description: '`approver`, anything else (may not approve), or a name of the workspace.' }),
          do: z.enum(['click', 'command', 'submit']),
          what: z.string().min(1).meta({
            description: "click: a button's visible text or the beginning of its action id; command: `/oom list`.",
          }),
        }),
      )
      .default([]),
  })
  .meta({ title: 'A scenario of the sandbox' });

/** A story: a workload, what its memory does, what happens to it, who clicks what, and how it must end. ms and bytes. */
export type Scenario = z.output<typeof scenarioSchema>;
export type PersonStep = Scenario['people'][number];

/** The published JSON Schema of scenario files. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}

function durationMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}
