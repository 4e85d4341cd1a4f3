import type { Findings, UsageRun, UsageSample } from '../../../src/core/evidence/evidence.ts';
import { Failure } from '../../../src/core/failure.ts';
import { killedAtMs } from '../../../src/core/kill/kill.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import type { Trigger } from '../../../src/core/kill/trigger.ts';
import type { ImpactRead } from '../../../src/core/notify/impact.ts';
import { fieldsHash } from '../../../src/core/remediate/fields-hash.ts';
import type { Change } from '../../../src/core/verify/observation.ts';
import type { ClusterReader, ClusterWriter } from '../../../src/flow/needs.ts';
import { Mi } from '../../fixtures/incidents.ts';

export interface PretendPod {
  readonly uid: string;
  running: boolean;
  /** `spec`, `status` and pod level of the memory limit; the last is what is in force. Bytes. */
  spec: number;
  status: number;
  level: number;
  /** Bytes */
  request: number;
  /** ms UTC */
  startedAt: number;
  /** Who set its limit, where somebody but us did. */
  limitChange?: Change;
}

/** One Deployment with one container. A test changes it as the world would. */
export interface PretendCluster {
  exists: boolean;
  /** What the annotation says about its source file. */
  source: string | null;
  template: number;
  templateChange: Change | null;
  /** Its request (bytes), and who has set its resources last. */
  templateRequest: number;
  owner: string;
  /** Variables of the template and of its pods. */
  env: Readonly<Record<string, string>>;
  pods: PretendPod[];
  /** `useless` = everything says that it worked, and the old limit stays in force. */
  resize: 'works' | 'useless' | 'refused';
  patch: 'works' | 'refused';
  /** What the cluster shows of how its users fare. */
  impact: ImpactRead;
  /** What reading answers with instead: evidence, the live objects, a look at what was changed. */
  readonly broken: { findings?: Error; planInputs?: Error; observe?: Error; carryOut?: Error };
  /** Share of the limit that the container stood at before it was killed; null = no usage is known. */
  usage: number | null;
  /** How it came there: at once, or as a leak does. */
  course: 'flat' | 'leak';
  /** Samples since the change; null = nothing is measured. */
  since: readonly UsageSample[] | null;
  /** Last lines of the killed run; null = nobody has them. */
  log: readonly string[] | null;
  /** Each mutating call, as a person would write it. */
  readonly writes: string[];
  /** How often the writer was asked for anything, whether or not that wrote. */
  asked: number;
}

export function aCluster(now: number): PretendCluster {
  return {
    exists: true,
    source: null,
    template: 512 * Mi,
    templateChange: null,
    templateRequest: 256 * Mi,
    owner: 'kubectl',
    env: {},
    pods: [aPod('pod-1', 512 * Mi, now)],
    resize: 'works',
    patch: 'works',
    impact: {
      pods: { ready: 1, desired: 1 },
      unserved: [],
      qosClass: 'Burstable',
      priorityClass: null,
      young: null,
      owner: null,
      deployed: { image: null, commit: null, writers: [] },
    },
    broken: {},
    usage: 0.96,
    course: 'flat',
    since: [],
    log: null,
    writes: [],
    asked: 0,
  };
}

function aPod(uid: string, limit: number, startedAt: number): PretendPod {
  return { uid, running: true, spec: limit, status: limit, level: limit, request: 256 * Mi, startedAt };
}

export function readerOf(cluster: PretendCluster, now: () => Promise<number>): ClusterReader {
  return {
    findings: async (kill, recent, nodeOom = null) => {
      if (cluster.broken.findings) throw cluster.broken.findings;
      const at = await now();
      const oom = nodeOom === null ? {} : { nodeOom: { found: true as const, value: nodeOom, source: 'Events', at } };
      return { ...findingsOf(cluster, kill, recent, at), ...oom };
    },
    impact: () => Promise.resolve(cluster.impact),
    planInputs: async () => {
      if (cluster.broken.planInputs) throw cluster.broken.planInputs;
      return {
        exists: cluster.exists,
        workload: {
          ...deployment,
          memory: { limitBytes: cluster.template, requestBytes: cluster.templateRequest },
          patchable: true,
          owner: cluster.owner,
        },
        variables: Object.entries(cluster.env).map(([name, value]) => ({ name, value })),
        pods: cluster.pods.map((pod) => ({
          ...deployment,
          apiVersion: 'v1',
          kind: 'Pod',
          name: pod.uid,
          uid: pod.uid,
          memory: { limitBytes: pod.spec, requestBytes: pod.request },
          running: pod.running,
          owner: 'kubectl',
        })),
        qosClass: 'Burstable',
        equalMakesGuaranteed: false,
        template: null,
        fields: fieldsOf(cluster),
        canResize: true,
        revisions: [],
        sourceText: cluster.source,
        room: { nodeAllocatableBytes: null, nodeFreeBytes: null, quota: null, limitRange: null },
      };
    },
    usage: async (trigger) => {
      const at = await now();
      if (cluster.since === null) return { found: false, reason: 'nobody measures', source: 'a test', at };
      const run = {
        pod: trigger.pod,
        containerId: null,
        revision: null,
        startedAt: cluster.since[0]?.t ?? null,
        killedAt: null,
        limitBytes: cluster.pods[0]?.spec ?? null,
        samples: cluster.since,
      };
      return {
        found: true,
        source: 'a test',
        at,
        value: { runs: [run], siblings: [], resolutionMs: 15_000 },
      };
    },
    observe: () => {
      if (cluster.broken.observe) return Promise.reject(cluster.broken.observe);
      return Promise.resolve({
        exists: cluster.exists,
        templateLimitBytes: cluster.template,
        templateEnv: cluster.env,
        templateChange: cluster.templateChange,
        rolloutDone: true,
        pods: cluster.pods.map((pod) => ({
          pod: pod.uid,
          uid: pod.uid,
          running: pod.running,
          specLimitBytes: pod.spec,
          containerLimitBytes: pod.status,
          podLimitBytes: pod.level,
          expectedPodLimitBytes: pod.spec,
          resizeCondition: null,
          startedAt: pod.running ? pod.startedAt : null,
          revision: null,
          env: cluster.env,
          limitChange: pod.limitChange ?? null,
        })),
      });
    },
  };
}

/** Idempotent like the real one: what has the value already is left, and before each write it asks whether it may. */
export function writerOf(cluster: PretendCluster, now: () => Promise<number>): ClusterWriter {
  return {
    carryOut: async (plan, means, mayWrite) => {
      cluster.asked += 1;
      if (cluster.broken.carryOut) throw cluster.broken.carryOut;
      const limit = plan.to.limitBytes ?? 0;
      const isStale = fieldsHash(fieldsOf(cluster)) !== plan.fieldsHash;
      if (means === 'resize') {
        if (isStale) throw new Failure('stale-plan', 'its fields were changed.');
        if (cluster.resize === 'refused') throw new Failure('resize-refused', 'The node has not so much memory.');
        for (const pod of cluster.pods.filter(({ spec }) => spec !== limit)) {
          await mayWrite();
          // Somebody else was faster: the real server answers with a conflict, and the second look finds it.
          if (pod.spec === limit) continue;
          pod.spec = limit;
          pod.request = plan.to.requestBytes ?? pod.request;
          pod.status = limit;
          if (cluster.resize === 'works') pod.level = limit;
          cluster.writes.push(`resize ${pod.uid} to ${limit / Mi}Mi`);
        }
        return;
      }
      if (cluster.template === limit) return;
      if (isStale) throw new Failure('stale-plan', 'its fields were changed.');
      if (cluster.patch === 'refused') throw new Failure('cluster-forbidden', 'The service account may not patch.');
      await mayWrite();
      if (cluster.template === limit) return;
      cluster.template = limit;
      cluster.templateRequest = plan.to.requestBytes ?? cluster.templateRequest;
      cluster.owner = 'oomkeeper';
      cluster.writes.push(`patch the template to ${limit / Mi}Mi`);
      const at = await now();
      cluster.pods = cluster.pods.map(({ uid }) => ({
        ...aPod(`${uid}-new`, limit, at),
        request: cluster.templateRequest,
      }));
    },
  };
}

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'checkout', uid: 'u1' };

function fieldsOf({ template, env }: PretendCluster): unknown {
  return { template, env };
}

/** Each run is at `usage` of the limit in the end: flat, as where a limit is too low, or after an even climb. */
function findingsOf(cluster: PretendCluster, trigger: Trigger, recent: readonly Kill[], at: number): Findings {
  const { usage, course } = cluster;
  const none = { found: false, reason: 'nobody asked', source: 'a test', at } as const;
  return {
    spec: {
      found: true,
      source: 'a test',
      at,
      value: {
        limitBytes: trigger.limitBytes,
        requestBytes: trigger.requestBytes,
        podLimitBytes: trigger.limitInForceBytes,
        qosClass: 'Burstable',
        image: trigger.image,
        env: cluster.env,
        hiddenEnv: [],
        envFrom: false,
        args: [],
        memoryVolumes: [],
      },
    },
    restarts: {
      found: true,
      source: 'a test',
      at,
      value: {
        restartCount: recent.length,
        ends: recent.map((one) => ({
          startedAt: Date.parse(one.startedAt ?? ''),
          finishedAt: killedAtMs(one),
          exitCode: one.exitCode,
          reason: one.reason,
        })),
      },
    },
    log: cluster.log === null ? none : { found: true, source: 'a test', at, value: { lines: cluster.log } },
    rollout: none,
    usage:
      usage === null
        ? { ...none, reason: 'Prometheus cannot be reached' }
        : {
            found: true,
            source: 'a test',
            at,
            value: { runs: recent.map((one) => runOf(one, usage, course)), siblings: [], resolutionMs: 15_000 },
          },
  };
}

function runOf(kill: Kill, usage: number, course: PretendCluster['course']): UsageRun {
  const killedAt = killedAtMs(kill);
  const startedAt = Date.parse(kill.startedAt ?? '');
  const level = (kill.limitInForceBytes ?? 0) * usage;
  const count = Math.max(1, Math.floor((killedAt - startedAt) / 15_000));
  return {
    pod: kill.pod,
    containerId: kill.containerId,
    revision: kill.revision,
    startedAt,
    killedAt,
    limitBytes: kill.limitInForceBytes,
    samples: Array.from({ length: count }, (_, n) => {
      // Flat: up within a twentieth of its run, then a little to and fro.
      const share = course === 'flat' ? Math.min(1, 0.3 + n / (count / 20)) : 0.1 + (0.9 * (n + 1)) / count;
      const bytes = Math.round(level * share * (0.99 + (n % 3) * 0.005));
      return { t: startedAt + n * 15_000, workingSetBytes: bytes, rssBytes: bytes, usageBytes: bytes };
    }),
  };
}
