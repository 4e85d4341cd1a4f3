import { z } from 'zod';

import { detectorRules } from '../kubernetes/cluster/problem-detector.ts';
import { expectSchema } from './scenario-expect.ts';
import { storyPolicySchema } from './story-policy.ts';
import { bytesSchema, durationSchema, nameSchema } from './scenario-units.ts';

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
  service: z.boolean().default(false).meta({ description: 'A Service of the same name leads to its pods.' }),
  annotations: z.record(z.string(), z.string()).default({}).meta({ description: 'Of the workload and of its pods.' }),
  priorityClass: nameSchema.optional().meta({ description: 'A PriorityClass of this name is there, with value 1000.' }),
  limit: bytesSchema.optional(),
  request: bytesSchema.optional(),
  runtime: z.enum(['java', 'node', 'python', 'go', 'dotnet', 'plain']).default('plain'),
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
  source: z
    .union([z.boolean(), z.string().regex(/^[\w./-]+\.ya?ml$/, 'the path of a YAML file')])
    .nullable()
    .default(null)
    .meta({
      description:
        'Its manifest lies in the repository acme/deploy, at apps/NAMESPACE/NAME.yaml or at this path, named by the annotation oomkeeper.dev/source and kept in sync by a GitOps controller.',
    }),
  heap: z
    .strictObject({
      beside: bytesSchema.meta({ description: 'What the runtime needs beside its heap: metaspace, threads, buffers.' }),
      live: z.boolean().default(false).meta({
        description: 'All of the heap is live: where it does not fit, the runtime gives up by itself.',
      }),
    })
    .optional()
    .meta({
      description:
        "java, node, dotnet: the program says how much heap the application would take; it gets at most what the runtime's flags in `env`, else its default for the limit, allow. go: the program says how much is live; the heap grows to twice that (GOGC) unless GOMEMLIMIT holds it.",
    }),
  podLimit: bytesSchema.optional().meta({ description: 'The memory limit of the pod as a whole (spec.resources).' }),
  beside: z
    .array(z.strictObject({ name: nameSchema, bytes: bytesSchema }))
    .default([])
    .meta({ description: 'Other containers of its pods, without a limit, and what they use all the time.' }),
  sized: z.enum(['by-seed', 'as-written']).default('by-seed').meta({
    description: 'as-written: its sizes do not change with the seed, because they are about those of a node.',
  }),
  node: nameSchema.optional().meta({
    description: 'Runs on this node: pool-a-1, pool-a-2, pool-b-1 or pool-m-1, which no other pod is put on.',
  }),
  count: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(1)
    .meta({ description: 'So many workloads alike, called NAME-1, NAME-2 and so on.' }),
  clusters: z.number().int().min(1).max(2).default(1).meta({
    description:
      'It runs in so many clusters, with the same namespace and name, and what happens does so in each. `threads` counts those of all clusters, `kills` those of each thread.',
  }),
  grace: durationSchema.default(30_000).meta({ description: 'terminationGracePeriodSeconds.' }),
});

export const scenarioSchema = z
  .strictObject({
    name: nameSchema,
    description: z.string().optional(),
    expect: expectSchema,
    workload: workloadSchema,
    program: z.array(pointSchema).min(1).meta({
      description: 'What the container needs: straight lines between points, `at` since the start of each run.',
    }),
    repeat: z.boolean().default(false).meta({ description: 'The program starts over after its last point.' }),
    load: z
      .array(z.strictObject({ at: durationSchema, perSecond: z.number().min(0) }))
      .min(1)
      .optional()
      .meta({ description: 'Requests per second: straight lines between points, `at` since the start of each run.' }),
    files: z.strictObject({ perMinute: bytesSchema, most: bytesSchema }).optional().meta({
      description:
        'What it writes into its memory-backed volume beside its program, from each start on. The pages outlive restarts.',
    }),
    pages: z
      .strictObject({
        perMinute: bytesSchema.meta({ description: 'Files that it reads for the first time.' }),
        dirty: z
          .array(z.strictObject({ at: durationSchema, bytes: bytesSchema }))
          .min(1)
          .meta({ description: 'Pages that wait to be written, which the kernel cannot take back.' }),
      })
      .optional()
      .meta({ description: 'Its page cache, which fills what is left of the limit.' }),
    history: z
      .strictObject({
        lives: z
          .number()
          .int()
          .min(0)
          .default(0)
          .meta({ description: 'Killed runs before the start, in real time unless `asFast`.' }),
        asFast: z.boolean().default(false).meta({
          description: 'They were as fast as what follows, so that how long runs last can be compared.',
        }),
        next: durationSchema
          .default(0)
          .meta({ description: 'The running container is killed this long after the start.' }),
        age: durationSchema
          .optional()
          .meta({ description: 'How old the running container is where the first revision is never killed.' }),
      })
      .optional(),
    events: z
      .array(
        z.strictObject({
          at: durationSchema,
          do: z.enum([
            'rollout',
            'delete',
            'probe-fails',
            'evict',
            'kill-child',
            'exit',
            'system-oom',
            'memory-pressure',
            'cut-api',
            'prometheus-down',
            'cut-slack',
            'merge',
            'close-pr',
          ]),
          image: z.string().optional(),
          limit: bytesSchema.optional(),
          revision: z.number().int().min(1).optional().meta({ description: 'rollout: for whoever reads it.' }),
          env: z.record(z.string(), z.string()).optional().meta({ description: 'rollout: set beside what is there.' }),
          resource: z
            .enum(['memory', 'disk'])
            .optional()
            .meta({ description: 'evict: what the node is short of; memory unless told.' }),
          process: z.string().min(1).optional().meta({ description: 'kill-child: what the killed process is called.' }),
          bytes: bytesSchema.optional().meta({ description: 'kill-child: its anonymous memory.' }),
          code: z
            .number()
            .int()
            .min(0)
            .max(255)
            .optional()
            .meta({ description: 'exit: the exit code; 1 unless told.' }),
          for: durationSchema.optional().meta({
            description:
              "cut-api, cut-slack, memory-pressure: how long; prometheus-down: how long it answers no question about the story's namespace.",
          }),
        }),
      )
      .default([]),
    people: z
      .array(
        z.strictObject({
          at: durationSchema,
          user: z.string().min(1).meta({
            description:
              '`approver`, `second-approver` (whom only a policy of the story lets approve), anything else (may not approve), or a name of the workspace.',
          }),
          do: z.enum(['click', 'command', 'submit']),
          what: z.string().min(1).meta({
            description:
              "click: a button's visible text or the beginning of its action id; command: `/oom list`; submit: the inputs of the open modal, `limit=320Mi`.",
          }),
        }),
      )
      .default([]),
    policy: storyPolicySchema.optional().meta({
      description:
        'The policy for the namespace of this story, which has one of its own then. Without it the approver may do everything, and nobody is notified.',
    }),
    metrics: z
      .enum(['all', 'prometheus', 'metrics-server', 'none'])
      .default('all')
      .meta({ description: 'Who measures the memory of this workload.' }),
    detector: z.enum(detectorRules).default('none').meta({
      description:
        "What a node-problem-detector writes of the kernel's kills in this workload: no Event, one with the line about the victim, or with the line that names the cgroup before it.",
    }),
    demo: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Its place in the demo; stories without one come after those with one.' }),
  })
  .meta({ title: 'A scenario of the sandbox' });

/** A story: a workload, what its memory does, what happens to it, who clicks what, and how it must end. ms and bytes. */
export type Scenario = z.output<typeof scenarioSchema>;
export type PersonStep = Scenario['people'][number];

/** The published JSON Schema of scenario files. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}
