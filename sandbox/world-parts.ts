import type { SandboxClock } from './clock.ts';
import type { ApiServer } from './kubernetes/api-server.ts';
import type { Cluster } from './kubernetes/cluster.ts';
import type { Recording } from './kubernetes/recording.ts';
import type { Slack } from './slack/start-slack.ts';

/** What the pretend world consists of. */
export interface WorldParts {
  readonly clock: SandboxClock;
  readonly slack: Slack;
  readonly api: ApiServer;
  /** Null while a recording takes its place. */
  readonly cluster: Cluster | null;
  readonly recording: Recording | null;
}
