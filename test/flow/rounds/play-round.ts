import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { openRecording } from '../../../sandbox/kubernetes/cluster/recording.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { createClusterReader } from '../../../src/adapters/kubernetes/read/read-cluster.ts';
import { getObject } from '../../../src/adapters/kubernetes/read/workload-objects.ts';
import { readCounterHistory } from '../../../src/adapters/prometheus/counter-history.ts';
import { readOomCounts } from '../../../src/adapters/prometheus/oom-counts.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { bounds } from '../../../src/adapters/redis/bounds.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import type { Diagnosis } from '../../../src/core/diagnose/diagnosis.ts';
import type { Findings } from '../../../src/core/evidence/evidence.ts';
import { numberedRun, withNumber } from '../../../src/core/kill/child-number.ts';
import { createDetector } from '../../../src/core/kill/detect/detector.ts';
import type { Detection } from '../../../src/core/kill/detect/detection.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { killedAtMs, subjectKey } from '../../../src/core/kill/kill.ts';
import type { Counted } from '../../../src/core/kill/oom-count.ts';
import { readPod } from '../../../src/core/kill/pod.ts';
import { recommend } from '../../../src/core/recommend/recommend.ts';
import type { Recommendation } from '../../../src/core/recommend/recommendation.ts';
import { createCounterWatch } from '../../../src/flow/watch-counters.ts';
import { startWatchWorld } from '../kubernetes/watch/watch-world.ts';

const cluster = 'prod';
const deadlineMs = 10_000;
/** How often the counters of kernel kills are read, and how far back: the worker's defaults. */
const sampleEveryMs = 30_000;
const lookBackMs = 3_600_000;
const stepMs = 1_000;

/** What the worker would say of one incident at one moment. */
export interface Explanation {
  /** `KIND/NAME` */
  readonly workload: string;
  readonly container: string | null;
  /** ms UTC */
  readonly at: number;
  /** Kills of the incident so far. */
  readonly kills: number;
  readonly kill: Kill;
  readonly findings: Findings;
  readonly diagnosis: Diagnosis;
  readonly recommendation: Recommendation;
}

export interface Round {
  /** In the order of their moments. */
  readonly explanations: readonly Explanation[];
  /** All kills that were admitted, oldest sighting first. */
  readonly kills: readonly Kill[];
}

/** After which kill of its incident to explain it (counted from 1), and how long after it was seen, ms. */
export type Wish = (kill: Kill, nth: number) => readonly number[];

/**
 * Plays a recorded cluster with its Prometheus through what a worker does: kills from watch lines and from counters,
 * evidence over HTTP from an API server and a Prometheus that know what theirs knew at that moment, then the verdict and
 * the recommendation, with all kills that are known by then.
 */
export async function playRound(directory: string, wish: Wish): Promise<Round> {
  const clock = createHandClock();
  const recording = await openRecording(directory, clock);
  const { store, encode, kubelet, samples } = recording;
  const { now } = recording.clock;
  const world = await startWatchWorld({ store, encode, clock: recording.clock, kubelet });
  const prometheus = await startPrometheus({ clock, source: samples });
  const reader = createClusterReader({
    transport: world.transport,
    deadlineMs,
    usage: createPrometheus({ url: prometheus.url, deadlineMs, now }).usage,
    usageNow: () => Promise.resolve(null),
    now,
  });
  const detector = createDetector({ cluster });
  const admitted = new Map<string, Kill>();
  const ofSubject = new Map<string, Kill[]>();
  const due: { readonly at: number; readonly subject: string }[] = [];
  const explanations: Explanation[] = [];

  function admit(kill: Kill): { readonly is: 'known' } | { readonly is: 'joined'; readonly incident: string } {
    if (admitted.has(kill.fingerprint) || kill.suspect) return { is: 'known' };
    admitted.set(kill.fingerprint, kill);
    const subject = subjectKey(kill.subject);
    const known = [...(ofSubject.get(subject) ?? []), kill];
    ofSubject.set(subject, known);
    due.push(...wish(kill, known.length).map((ms) => ({ at: now() + ms, subject })));
    return { is: 'joined', incident: subject };
  }

  const take = (found: readonly Detection[]): void => {
    for (const one of found) {
      if (one.is !== 'kill') continue;
      const run = numberedRun(one.kill);
      admit(run === null ? one.kill : withNumber(one.kill, run, 1));
    }
  };
  store.subscribe(({ type, resource, object }) => {
    if (resource === 'pods') take(detector.pod(type, object, { atMs: now() }));
    if (resource === 'events') take(detector.event(type, object, { atMs: now() }));
  });

  const counted = new Map<string, Counted>();
  const counters = createCounterWatch({
    cluster,
    everyMs: sampleEveryMs,
    lookBackMs,
    counts: (agoMs) =>
      readOomCounts(prometheus.url, { namespaces: [], at: now() - agoMs, zeros: agoMs > 0, deadlineMs }),
    podOf: async ({ namespace, pod }) =>
      readPod(await getObject(world.transport, { kind: 'Pod', name: pod }, namespace, deadlineMs)),
    history: (count, since) => readCounterHistory(prometheus.url, count, { from: since, to: now(), deadlineMs }),
    store: {
      isAdmitted: (fingerprint) => Promise.resolve(admitted.has(fingerprint)),
      childRuns: {
        numberOf: () => Promise.resolve(1),
        counted: (runs) => Promise.resolve(runs.map((run) => counted.get(run) ?? null)),
        keepCounted: (run, next) => Promise.resolve(void counted.set(run, next)),
      },
      suspects: () => Promise.resolve([]),
    },
    admit: (kill) => Promise.resolve(admit(kill)),
    lease: () => Promise.resolve({ extend: () => Promise.resolve(true) }),
    onUnreported: () => undefined,
    now,
  });

  async function explain(subject: string): Promise<void> {
    const recent = (ofSubject.get(subject) ?? []).slice(-bounds.recentKills);
    const kill = recent.at(-1);
    if (kill === undefined) return;
    const findings = await reader.findings(kill, recent);
    const diagnosis = diagnose(findings, kill, recent, now());
    const { workload, container } = kill.subject;
    explanations.push({
      workload: `${workload.kind}/${workload.name}`,
      container,
      at: now(),
      kills: ofSubject.get(subject)?.length ?? 0,
      kill,
      findings,
      diagnosis,
      recommendation: recommend(diagnosis, findings, kill, recent),
    });
  }

  try {
    const playing = recording.play();
    const end = now() + recording.lengthMs + 2 * sampleEveryMs;
    let countersAt = now() + sampleEveryMs;
    while (now() < end || due.length > 0) {
      const next = Math.min(...due.map(({ at }) => at), countersAt, now() + stepMs);
      await clock.advance(next - now());
      take(detector.tick(now()));
      if (now() >= countersAt) {
        await counters.round();
        countersAt += sampleEveryMs;
      }
      for (const one of due.filter(({ at }) => at <= now())) {
        due.splice(due.indexOf(one), 1);
        await explain(one.subject);
      }
    }
    await playing;
  } finally {
    await prometheus.close();
    await world.close();
  }
  return { explanations, kills: [...admitted.values()].toSorted((a, b) => killedAtMs(a) - killedAtMs(b)) };
}
