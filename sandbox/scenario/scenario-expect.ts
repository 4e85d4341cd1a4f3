import { z } from 'zod';

import { bytesSchema } from './scenario-units.ts';

/** All that the format knows, whether or not a rule names it (docs/decisions/0025). */
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

/** How a story must end. */
export const expectSchema = z.strictObject({
  verdict: z.enum(verdicts).nullable().default(null),
  threads: z.number().int().min(0),
  kills: z.number().int().min(0).default(0).meta({
    description:
      'Kills in the thread; at least so many where people act, since their speed decides. 1 where there is a thread and nothing is said.',
  }),
  fix: z.enum(fixes).nullable().default(null),
  limit: bytesSchema.optional().meta({ description: 'The limit that is in force in the end.' }),
  changes: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: 'What the workload has otherwise in the end: `limit`, or names of variables.' }),
  says: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: 'Words that stand somewhere in the thread in the end, upper or lower case.' }),
  mentions: z.array(z.string().min(1)).optional().meta({
    description: 'Everybody whom the replies in its thread mention, each as often as they do; as in `who`.',
  }),
  storm: z
    .strictObject({ size: z.number().int().min(2) })
    .optional()
    .meta({
      description:
        'So many workloads are told of, each once: in the lists of one storm or, the first few, by a root of their own. `threads` counts storms then.',
    }),
  alarms: z
    .array(z.enum(['trigger', 'acknowledge', 'resolve']))
    .optional()
    .meta({
      description:
        'What PagerDuty was told of each of its incidents in the end, in this order, whatever their severity. Alertmanager has an alert as long as it is not resolved.',
    }),
  ahead: z
    .boolean()
    .optional()
    .meta({ description: 'Its thread was there before the first kill; said of one that has a kill.' }),
  node: z
    .strictObject({
      threads: z.number().int().min(0),
      says: z.array(z.string().min(1)).default([]).meta({ description: 'Words that stand somewhere in them.' }),
    })
    .optional()
    .meta({ description: 'Threads about the node that the workload asks for; `workload.node` says which.' }),
  verified: z
    .enum(['held', 'failed', 'bought-time', 'vanished', 'overshot', 'inconclusive'])
    .nullable()
    .default(null)
    .meta({
      description:
        'What became of a change. bought-time: of a leak, that it lives longer and is killed all the same; vanished: that something of the story undid it.',
    }),
});
