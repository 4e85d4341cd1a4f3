/** What metrics-server last saw of one pod. */
export interface PodUsage {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Real ms UTC of the look. */
  readonly at: number;
  /** Real ms that the look averages CPU over. */
  readonly windowMs: number;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

export interface NodeUsage {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Real ms UTC of the look. */
  readonly at: number;
  readonly windowMs: number;
  readonly usage: Usage;
}

export interface Usage {
  /** Working set. */
  readonly memoryBytes: number;
  readonly cpuNanoCores: number;
}

/** What the resource metrics API reads. */
export interface MetricsSource {
  readonly pods: () => readonly PodUsage[];
  readonly nodes: () => readonly NodeUsage[];
}

/**
 * - `served`: metrics-server answers
 * - `unavailable`: the API is registered and its server does not answer: 503
 * - `absent`: nobody ever installed it: 404
 */
export const metricsStates = ['served', 'unavailable', 'absent'] as const;
export type MetricsState = (typeof metricsStates)[number];
