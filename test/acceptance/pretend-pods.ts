import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';

/*
 * Recordings of pods whose containers end in every way that is known, written as a kubelet, node-problem-detector and
 * cAdvisor would, with what really happened beside them. Which pods, ends and witnesses there are, a seed decides.
 */

export interface PretendRecording {
  readonly pods: string;
  readonly events: string;
  readonly metrics: string;
  /** Kills and unexplained SIGKILLs by subject, one sentence each, sorted. */
  readonly truth: readonly string[];
}

interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  /** ms UTC; null where it never started. */
  readonly startedMs: number | null;
  readonly endedMs: number;
  readonly id: string;
}

interface Container {
  readonly name: string;
  id: string;
  startedMs: number;
  state: 'running' | 'waiting' | 'terminated';
  /** Oldest first; `terminated` shows the last one, the others the last two. */
  ended: readonly Ended[];
  restarts: number;
  /** Kernel kills in this run: after one the runtime calls every end of it OOMKilled. */
  killed: number;
}

const beginMs = Date.UTC(2026, 9, 25, 0, 50, 0);
const startFailures: readonly [string, string] = [
  'failed to create containerd task: container init was OOM-killed (memory limit too low?): unknown',
  'OOM: the memory limit could be too low',
];

export function pretendRecording(seed: number): PretendRecording {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value => values[below(values.length)] ?? values[0];
  const hex = (length: number): string => Array.from({ length }, () => below(16).toString(16)).join('');
  const lines = { pods: [] as string[], events: [] as string[], metrics: [] as string[] };
  const happened = new Map<string, number>();
  const runtime = oneOf(['containerd', 'cri-o', 'docker'] as const);
  const scope = { containerd: 'cri-containerd', 'cri-o': 'crio', docker: 'docker' }[runtime];
  const isSystemd = random() < 0.5;
  const hasDetector = random() < 0.5;
  const hasMetrics = random() < 0.5;
  let version = 1_000;
  let pid = 1_000;

  const add = (to: keyof typeof lines, atMs: number, line: object): void => {
    lines[to].push(JSON.stringify({ at: new Date(atMs).toISOString(), ...line }));
  };
  const happen = (what: string, times = 1): void => void happened.set(what, (happened.get(what) ?? 0) + times);

  function livePod(index: number): void {
    const owner = oneOf(['Deployment', 'Rollout', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'] as const);
    const app = `app${index}`;
    const hash = hex(9);
    const uid = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
    const identity = { name: owner === 'Pod' ? app : `${app}-${hex(5)}`, namespace: `team-${index}`, uid };
    const graceSeconds = oneOf([2, 5, 30]);
    const containers = ['main', 'side', 'third'].slice(0, 1 + below(3)).map((name): Container => ({
      name,
      id: hex(64),
      startedMs: beginMs + 1_000,
      state: 'running',
      ended: [],
      restarts: 0,
      killed: 0,
    }));
    let metadata: object = { ...identity, creationTimestamp: second(beginMs), ...ownedBy(owner, app, hash) };
    let status: object = { phase: 'Running' };
    let nowMs = beginMs + 2_000;

    const subject = (container: string | null): string => `${owner}/${app} ${container ?? 'pod'}`;
    const cgroup = (id: string | null): string => {
      const pod = isSystemd
        ? `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`
        : `/kubepods/burstable/pod${uid}`;
      if (id === null) return pod;
      return isSystemd ? `${pod}/${scope}-${id}.scope` : `${pod}/${id}`;
    };

    function show(atMs: number, type = 'MODIFIED'): void {
      version += 1;
      const object = {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { ...metadata, resourceVersion: String(version) },
        spec: {
          nodeName: 'node-a',
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: graceSeconds,
          containers: containers.map(({ name }) => ({ name, resources: { limits: { memory: '64Mi' } } })),
        },
        status: { ...status, containerStatuses: containers.map((one) => statusOf(one, runtime)) },
      };
      add('pods', atMs, { line: { type, object } });
    }

    function tell(atMs: number, reason: string, message: string, more: object = {}): void {
      version += 1;
      const object = {
        kind: 'Event',
        metadata: { name: `event.${version}`, namespace: 'x', uid: hex(32), resourceVersion: String(version) },
        involvedObject: { kind: 'Pod', ...identity },
        reason,
        message,
        firstTimestamp: second(atMs),
        lastTimestamp: second(atMs),
        ...more,
      };
      add('events', atMs + below(800), { line: { type: 'ADDED', object } });
    }

    const about = ({ name }: Container) => ({
      involvedObject: { kind: 'Pod', ...identity, fieldPath: `spec.containers{${name}}` },
    });

    function kernelKills(container: Container, atMs: number): void {
      container.killed += 1;
      pid += 1;
      if (!hasDetector) return;
      const task = `oom_memcg=${cgroup(null)},task_memcg=${cgroup(container.id)},task=x,pid=${pid},uid=0`;
      const killed = `Memory cgroup out of memory: Killed process ${pid} (x) total-vm:9kB, anon-rss:8kB, file-rss:0kB`;
      tell(atMs, 'OOMKilling', `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),${task}\n${killed}`, {
        involvedObject: { kind: 'Node', name: 'node-a', uid: 'node-a' },
      });
    }

    function scrape({ name, id, killed }: Container, atMs: number): void {
      const labels = { namespace: identity.namespace, pod: identity.name, container: name, id: cgroup(id), name: id };
      if (hasMetrics) add('metrics', atMs, { name: 'container_oom_events_total', labels, value: killed });
    }

    /** It ends, is shown so or not, and starts again. */
    function end(container: Container, exitCode: number, reason: string, more: Partial<Ended> = {}): void {
      const { id, startedMs } = container;
      const ended = { exitCode, reason, startedMs, endedMs: nowMs, id, ...more };
      container.ended = [...container.ended, ended].slice(-2);
      const isShown = random() < 0.7;
      if (isShown) {
        container.state = 'terminated';
        show(ended.endedMs + 58 + below(1_000));
        container.state = 'waiting';
        if (random() < 0.3) show(ended.endedMs + 3_000);
      }
      nowMs = ended.endedMs + (isShown ? 4_000 + below(10_000) : 900);
      restart(container);
      show(nowMs + 60);
    }

    function restart(container: Container): void {
      Object.assign(container, { id: hex(64), startedMs: nowMs, state: 'running', killed: 0 });
      container.restarts += 1;
    }

    const endings: Readonly<Record<string, (container: Container) => void>> = {
      kill: (container) => {
        kernelKills(container, nowMs);
        if (random() < 0.4) scrape(container, nowMs + 30);
        end(container, 137, 'OOMKilled');
        happen(`${subject(container.name)}: kill`);
      },
      'kill that the runtime calls Error at first': (container) => {
        const { id, startedMs } = container;
        kernelKills(container, nowMs);
        container.ended = [{ exitCode: 137, reason: 'Error', startedMs, endedMs: nowMs, id }];
        container.state = 'terminated';
        show(nowMs + 200);
        container.ended = [];
        end(container, 137, 'OOMKilled');
        happen(`${subject(container.name)}: kill`);
      },
      'two kills in one second, one line': (container) => {
        kernelKills(container, nowMs);
        const first = { exitCode: 137, reason: 'OOMKilled', startedMs: container.startedMs, endedMs: nowMs };
        const next = { ...first, startedMs: nowMs + 100, endedMs: nowMs + 300, id: hex(64) };
        container.ended = [{ ...first, id: container.id }, next];
        container.id = next.id;
        kernelKills(container, nowMs + 300);
        container.state = 'terminated';
        container.restarts += 1;
        show(nowMs + 900);
        nowMs += 1_500;
        restart(container);
        show(nowMs + 60);
        happen(`${subject(container.name)}: kill`, 2);
      },
      'kill at the start': (container) => {
        end(container, 128, 'StartError', { startedMs: null, message: oneOf(startFailures) });
        happen(`${subject(container.name)}: kill`);
      },
      'processes killed, the first lives on': (container) => {
        if (!hasDetector && !hasMetrics) return;
        const count = 1 + below(3);
        for (let one = 0; one < count; one += 1) {
          kernelKills(container, nowMs);
          nowMs += 9_000;
        }
        scrape(container, nowMs);
        nowMs += 8_000;
        happen(`${subject(container.name)}: kill`, count);
        if (random() < 0.5) end(container, oneOf([0, 1, 143]), 'OOMKilled');
      },
      'process killed that only a later exit shows': (container) => {
        if (container.killed > 0) return;
        end(container, 1, 'OOMKilled');
        happen(`${subject(container.name)}: kill`);
      },
      'failed liveness probe': (container) => {
        const reason = container.killed > 0 ? 'OOMKilled' : 'Error';
        tell(
          nowMs,
          'Killing',
          `Container ${container.name} failed liveness probe, will be restarted`,
          about(container),
        );
        nowMs += graceSeconds * 1_000 + 200;
        end(container, 137, reason);
      },
      'failed liveness probe, and it ends when it is told to': (container) => {
        const words = `Container ${container.name} failed liveness probe, will be restarted`;
        tell(nowMs, 'Killing', words, about(container));
        nowMs += below(100);
        end(container, 143, container.killed > 0 ? 'OOMKilled' : 'Error');
      },
      'probes that fail now and then': (container) => {
        for (let failure = 0; failure < 3; failure += 1) {
          nowMs += 100_000;
          tell(nowMs, 'Unhealthy', 'Liveness probe failed: timeout', about(container));
        }
        nowMs += graceSeconds * 1_000;
      },
      'failed probes that one Event counts': (container) => {
        if (container.killed > 0) return;
        nowMs = Math.max(nowMs, container.startedMs + 12_000);
        tell(nowMs, 'Unhealthy', 'Liveness probe failed: timeout', {
          ...about(container),
          count: 3,
          firstTimestamp: second(nowMs - 8_000),
        });
        nowMs += graceSeconds * 1_000 + 200;
        end(container, 137, 'Error');
      },
      'SIGTERM that is obeyed': (container) => end(container, 143, container.killed > 0 ? 'OOMKilled' : 'Error'),
      'failure of its own': (container) => end(container, 1, container.killed > 0 ? 'OOMKilled' : 'Error'),
      'giving up while it is told to end': (container) => {
        if (container.killed > 0) return;
        tell(
          nowMs,
          'Killing',
          `Container ${container.name} failed liveness probe, will be restarted`,
          about(container),
        );
        nowMs += 1_000;
        end(container, 134, 'Error');
        happen(`${subject(container.name)}: suspect`);
      },
      'SIGKILL by nobody known': (container) => {
        if (container.killed > 0) return;
        if (random() < 0.3)
          for (const probe of ['Liveness', 'Startup', 'Liveness', 'Liveness'])
            tell(
              nowMs - 1_000,
              'Unhealthy',
              `${probe} probe errored and resulted in unknown state: rpc error`,
              about(container),
            );
        end(container, 137, 'Error');
        happen(`${subject(container.name)}: suspect`);
      },
    };

    function stopAll(exitCode: number, isMarkKept: boolean): void {
      for (const container of containers) {
        const { id, startedMs, killed } = container;
        const reason = isMarkKept && killed > 0 ? 'OOMKilled' : 'Error';
        container.ended = [...container.ended, { exitCode, reason, startedMs, endedMs: nowMs, id }].slice(-2);
        container.state = 'terminated';
      }
    }

    const ends: Readonly<Record<string, () => void>> = {
      'lives on': () => undefined,
      deleted: () => {
        const isObeyed = random() < 0.5;
        const alive = metadata;
        metadata = {
          ...alive,
          deletionTimestamp: second(nowMs + graceSeconds * 1_000),
          deletionGracePeriodSeconds: graceSeconds,
        };
        show(nowMs);
        for (const one of containers) tell(nowMs, 'Killing', `Stopping container ${one.name}`, about(one));
        nowMs += isObeyed ? 1_000 : graceSeconds * 1_000 + 150;
        stopAll(isObeyed ? 143 : 137, true);
        if (random() < 0.7) show(nowMs + 300);
        metadata = { ...alive, deletionTimestamp: second(nowMs), deletionGracePeriodSeconds: 0 };
        show(nowMs + 700, 'DELETED');
      },
      evicted: () => {
        const resource = oneOf(['memory', 'ephemeral-storage']);
        const message = `The node was low on resource: ${resource}. Threshold quantity: 1Gi, available: 1Mi. `;
        if (random() < 0.7) tell(nowMs, 'Evicted', message);
        nowMs += 1_500;
        stopAll(137, false);
        status = { phase: 'Failed', reason: 'Evicted', message };
        show(nowMs + 700);
        if (resource === 'memory') happen(`${subject(null)}: kill`);
      },
      'shut down with its node': () => {
        stopAll(137, false);
        status = {
          phase: 'Failed',
          reason: 'Terminated',
          message: 'Pod was terminated in response to imminent node shutdown.',
        };
        show(nowMs + 700);
      },
    };

    show(beginMs + 1_500, 'ADDED');
    for (let step = below(8); step > 0; step -= 1) {
      nowMs += 20_000 + below(60_000);
      const container = containers[below(containers.length)];
      const ending = Object.values(endings)[below(Object.keys(endings).length)];
      if (container !== undefined) ending?.(container);
    }
    nowMs += 30_000;
    Object.values(ends)[below(Object.keys(ends).length)]?.();
    tell(nowMs + 60_000, 'Pulled', 'Container image was already there');
  }

  const count = 1 + below(4);
  for (let index = 0; index < count; index += 1) livePod(index);
  return {
    pods: lines.pods.join('\n'),
    events: lines.events.join('\n'),
    metrics: lines.metrics.join('\n'),
    truth: [...happened].map(([what, times]) => `${what} x ${times}`).toSorted(),
  };
}

function statusOf(container: Container, runtime: string): object {
  const { name, id, startedMs, state, ended, restarts } = container;
  const shown = ended.map((one) => ({ terminated: terminatedOf(one, runtime) }));
  const states = {
    running: { running: { startedAt: second(startedMs) } },
    waiting: { waiting: { reason: 'CrashLoopBackOff' } },
    terminated: shown.at(-1),
  };
  return {
    name,
    state: states[state],
    lastState: shown.at(state === 'terminated' ? -2 : -1) ?? {},
    restartCount: restarts,
    containerID: `${runtime}://${id}`,
  };
}

function terminatedOf({ exitCode, reason, message, startedMs, endedMs, id }: Ended, runtime: string): object {
  return {
    exitCode,
    reason,
    ...(message === undefined ? {} : { message }),
    startedAt: startedMs === null ? '1970-01-01T00:00:00Z' : second(startedMs),
    finishedAt: second(endedMs),
    containerID: `${runtime}://${id}`,
  };
}

function ownedBy(owner: string, app: string, hash: string): object {
  const by = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
  switch (owner) {
    case 'Pod':
      return {};
    case 'Deployment':
      return { ...by('ReplicaSet', `${app}-${hash}`), labels: { 'pod-template-hash': hash } };
    case 'Rollout':
      return { ...by('ReplicaSet', `${app}-${hash}`), labels: { 'rollouts-pod-template-hash': hash } };
    case 'CronJob':
      return by('Job', `${app}-29925051`);
    default:
      return by(owner, app);
  }
}

/** As the API writes times. */
function second(ms: number): string {
  return new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}
