import { z } from 'zod';
import { dayMs, minuteMs, secondMs } from '../../core/units/duration.ts';

/*
 * Internal timing, ms: constants, since no installation has to tune them. A pretend world that runs faster than real time
 * shortens them: OOMKEEPER_TEST_TIMING={"sweepEveryMs":500}.
 */
const timingSchema = z.strictObject({
  /** How long an unexplained exit 137 waits for the Event that explains it. */
  suspectWindowMs: z.number().default(10 * secondMs),
  /** A new kill renews the explanation at most this often. */
  explainAgainMs: z.number().default(30 * secondMs),
  /** How often the pods of a workload that is short of them are looked at, at first. */
  impactEveryMs: z.number().default(minuteMs),
  /** How long one kind of evidence may take before the explanation goes on without it. */
  evidenceDeadlineMs: z.number().default(10 * secondMs),
  /** How long a container has to run before it is warned of; all other times of a forecast go with this one. */
  forecastSettledMs: z.number().default(10 * minuteMs),
  /** No change is watched for longer; where the evidence asks for more, the results say so. A pretended world shortens it. */
  watchAtMostMs: z.number().default(7 * dayMs),
  /** How often worker and bot look for work whose hint was lost. */
  sweepEveryMs: z.number().default(5 * secondMs),
  /** After how long the work of a process that died is taken over by another one. */
  lockMs: z.number().default(30 * secondMs),
  /** How often an open pull request is looked at where no webhook tells of its merge. */
  pollPullRequestsMs: z.number().default(minuteMs),
  /** Pace of messages in one Slack channel: one per this time, after a burst of three. */
  postEveryMs: z.number().default(secondMs),
  /** How long the pod of a test stays after its kill: the evidence of its thread is read from it. */
  testStayMs: z.number().default(10 * secondMs),
  /** After an interrupted post, how long to wait for it to show up in the channel before posting again. */
  searchAgainMs: z.number().default(10 * secondMs),
});

export type Timing = z.output<typeof timingSchema>;

export const usualTiming: Timing = timingSchema.parse({});

export const timingVariable = 'OOMKEEPER_TEST_TIMING';

/** The usual timing, with what the test variable changes of it. @throws ZodError, SyntaxError */
export function readTiming(json: string): Timing {
  return timingSchema.parse(JSON.parse(json));
}
