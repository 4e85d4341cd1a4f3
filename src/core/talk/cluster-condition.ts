/** What Redis knows of one cluster, whether or not its worker answers. Times are ms UTC; null = never. */
export interface ClusterCondition {
  readonly workerSeenAt: number | null;
  /** The oldest of the watcher's checkpoints: up to then everything has been read. */
  readonly checkpointAt: number | null;
  readonly open: number;
  /** Jobs that wait or are under way, by queue. */
  readonly jobs: { readonly kills: number; readonly incidents: number };
  /** Kill jobs that no worker could read. */
  readonly deadKills: number;
}
