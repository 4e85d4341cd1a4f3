import { dayMs, minuteMs } from '../../core/units/duration.ts';

/**
 * What keeps Redis bounded whatever a cluster does (invariant 4). Times are ms.
 *
 * | what                                      | bound                                  |
 * |-------------------------------------------|----------------------------------------|
 * | fingerprints in the ledger                | `ledgerMs`                             |
 * | a closed incident and all its data        | `closedMs` after its last change       |
 * | entries of a timeline                     | `entries`, trimmed by whole nodes      |
 * | kills kept in full beside an incident     | `recentKills`                          |
 * | pods and the incidents they were killed in| `killedPods`, and `closedMs`           |
 * | incidents by image                        | `imageKills` of each, and `closedMs`   |
 * | lines of the audit record                 | `auditLines`, trimmed by whole nodes   |
 * | results of changes, for the report card   | `results`, and `closedMs` after the    |
 * |                                           | last                                   |
 * | a silence and where to find it, a chart   | its own end, `closedMs`                |
 * | limits before the changes of a subject    | seven days, and `limits`               |
 * | request ids remembered of an incident     | `asked`                                |
 * | suspects                                  | `suspects`, and `ledgerMs`             |
 * | ignored terminations                      | `ignored`, and `ledgerMs`              |
 * | people whose Home tab is kept up to date   | `homes`, and `homeMs` after they opened|
 * |                                           | it; 5 clicks of each                   |
 * | digests that were sent                    | three days                             |
 * | killed processes of a container's run     | 200, and `ledgerMs` after the last     |
 * | dead kill jobs                            | `deadKills`                            |
 * | a storm and all its data                  | `closedMs` after its last change       |
 * | incidents counted after a downtime        | `closedMs` after the last of them      |
 * | what receivers were told of an incident   | as long as the incident                |
 * | incidents that receivers are to be told of| `closedMs` after they were due         |
 * | clusters without a worker, and their      | `clusterMs`                            |
 * | namespaces                                |                                        |
 * | containers that are sampled               | `sampled`, the ones sampled last       |
 * | samples of one container                  | `samples` and `oldSamples`, `samplesMs`|
 * | questions that wait for a worker          | `questions`                            |
 * | replies to questions                      | `replyMs`                              |
 * | finished jobs                             | none are kept                          |
 * | hints that wait                           | one an incident                        |
 * | requests that wait for a worker           | one a click                            |
 * | kills that wait for a worker              | none: Redis refuses them when it is    |
 * |                                           | full, and the watcher stops there      |
 */
export interface Bounds {
  readonly ledgerMs: number;
  readonly closedMs: number;
  readonly entries: number;
  readonly recentKills: number;
  readonly killedPods: number;
  readonly imageKills: number;
  readonly auditLines: number;
  readonly results: number;
  readonly limits: number;
  readonly asked: number;
  readonly suspects: number;
  readonly ignored: number;
  readonly deadKills: number;
  readonly clusterMs: number;
  readonly sampled: number;
  readonly samples: number;
  readonly oldSamples: number;
  readonly samplesMs: number;
  readonly homes: number;
  readonly homeMs: number;
  readonly questions: number;
  readonly replyMs: number;
}

export const bounds: Bounds = {
  ledgerMs: 8 * dayMs,
  closedMs: 30 * dayMs,
  entries: 1_000,
  recentKills: 20,
  killedPods: 5_000,
  imageKills: 20,
  auditLines: 20_000,
  results: 2_000,
  limits: 500,
  asked: 1_000,
  suspects: 200,
  ignored: 500,
  deadKills: 1_000,
  clusterMs: 30 * dayMs,
  sampled: 500,
  samples: 120,
  oldSamples: 288,
  samplesMs: dayMs,
  homes: 200,
  homeMs: 15 * minuteMs,
  questions: 100,
  replyMs: minuteMs,
};
