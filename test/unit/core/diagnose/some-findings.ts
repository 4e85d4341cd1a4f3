import type {
  Evidence,
  Findings,
  RolloutFacts,
  SpecFacts,
  UsageRun,
  UsageSample,
} from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';

export const Mi = 2 ** 20;
/** ms UTC of the last kill in these tests. */
export const killedAt = Date.UTC(2026, 10, 24, 14, 0, 0);
export const minute = 60_000;

/** A kill of `checkout` at `at`, `runMs` after its start, at a limit of 256Mi unless said otherwise. */
export function killAt(at: number, runMs: number, changes: Partial<Kill> = {}): Kill {
  const limitBytes = changes.limitBytes ?? 256 * Mi;
  return {
    fingerprint: `prod/pod-1/app/${at}`,
    subject: {
      cluster: 'prod',
      namespace: 'shop',
      workload: { kind: 'Deployment', name: 'checkout' },
      container: 'app',
    },
    kind: 'container',
    suspect: false,
    pod: 'checkout-bbbbbbb-11111',
    podUid: 'pod-1',
    podCreatedAt: null,
    containerType: 'container',
    containerId: `containerd://${at}`,
    exitCode: 137,
    reason: 'OOMKilled',
    message: null,
    startedAt: new Date(at - runMs).toISOString(),
    finishedAt: new Date(at).toISOString(),
    restartCount: 1,
    limitBytes,
    limitInForceBytes: limitBytes,
    requestBytes: limitBytes,
    node: 'node-1',
    qosClass: 'Burstable',
    image: 'shop:1',
    revision: 'bbbbbbb',
    labels: {},
    startedBeforeWatch: false,
    away: null,
    seenAt: at + 200,
    ...changes,
  };
}

/** Usage in Mi at an age of so many ms. */
export type Usage = (ageMs: number) => number;

/** The run that ended with `kill`, sampled every `everyMs`. */
export function runBefore(kill: Kill, usage: Usage, everyMs: number, changes: Partial<UsageRun> = {}): UsageRun {
  const startedAt = Date.parse(kill.startedAt ?? '');
  const end = Date.parse(kill.finishedAt ?? '');
  return {
    pod: kill.pod,
    containerId: kill.containerId,
    revision: kill.revision,
    startedAt,
    killedAt: end,
    limitBytes: kill.limitInForceBytes,
    samples: samplesOf(usage, startedAt, end, everyMs),
    ...changes,
  };
}

/** A run that was not killed. */
export function survivingRun(usage: Usage, runMs: number, everyMs: number, changes: Partial<UsageRun> = {}): UsageRun {
  const startedAt = killedAt - runMs;
  return {
    pod: 'checkout-aaaaaaa-22222',
    containerId: 'containerd://other',
    revision: 'aaaaaaa',
    startedAt,
    killedAt: null,
    limitBytes: 256 * Mi,
    samples: samplesOf(usage, startedAt, killedAt, everyMs),
    ...changes,
  };
}

export function samplesOf(usage: Usage, from: number, to: number, everyMs: number): UsageSample[] {
  const count = Math.max(0, Math.floor((to - from - everyMs / 3) / everyMs));
  return Array.from({ length: count }, (_, index) => {
    const t = Math.round(from + (index + 1 / 3) * everyMs);
    const bytes = usage(t - from) * Mi;
    return { t, workingSetBytes: bytes, rssBytes: bytes * 0.98 };
  });
}

/** Findings with usage, and nothing else unless it is given. */
export function findingsOf(
  runs: readonly UsageRun[],
  changes: { siblings?: readonly UsageRun[]; rollout?: RolloutFacts; spec?: SpecFacts; everyMs?: number } = {},
): Findings {
  const { siblings = [], rollout, spec, everyMs = 15_000 } = changes;
  return {
    ...nothingFound('was not asked'),
    usage: found({ runs, siblings, resolutionMs: everyMs }),
    ...(rollout ? { rollout: found(rollout) } : {}),
    ...(spec ? { spec: found(spec) } : {}),
  };
}

export function nothingFound(reason: string): Findings {
  const missing = { found: false as const, reason, source: 'test', at: killedAt };
  return { spec: missing, restarts: missing, usage: missing, log: missing, rollout: missing };
}

export function found<T>(value: T): Evidence<T> {
  return { found: true, value, source: 'test', at: killedAt };
}

/** The spec of `checkout`: nothing special unless it is given. */
export function specOf(changes: Partial<SpecFacts> = {}): SpecFacts {
  return {
    limitBytes: 256 * Mi,
    requestBytes: 256 * Mi,
    podLimitBytes: null,
    qosClass: 'Burstable',
    image: 'shop:1',
    env: {},
    hiddenEnv: [],
    envFrom: false,
    args: [],
    memoryVolumes: [],
    ...changes,
  };
}
