import { virtualNow, type SandboxClock } from '../../clock.ts';
import { createActions, type ClusterActions } from './actions.ts';
import type { Past } from './history.ts';
import { defaultNodes, nodeObject } from './nodes.ts';
import { createPastKeeper } from './past.ts';
import { createSampleStore, type SampleSource } from './samples.ts';
import { startScraper } from './scraper.ts';
import { targetKey, topOwner, type Target } from './target.ts';
import { createUsageSource, type MetricsSource } from './usage.ts';
import { startControllers } from '../controllers/controllers.ts';
import { limitInForce } from '../kubelet/instances.ts';
import type { Runtime } from '../kubelet/logs.ts';
import type { MemoryKill } from '../kubelet/node.ts';
import type { PodRun } from '../kubelet/run.ts';
import type { NodeSpec } from '../kubelet/scheduler.ts';
import { envOf, memoryLimit } from '../kubelet/spec.ts';
import { createKubelets, type Kubelet } from '../kubelet/kubelet.ts';
import { heapProgram } from '../kubelet/runtime-heap.ts';
import { shellProgram } from '../kubelet/shell-program.ts';
import { nodeReference } from '../kubelet/node-pressure.ts';
import { createProblemDetector, type DetectorRule } from './problem-detector.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { peakOf, type MemoryProgram } from '../kubelet/program.ts';

/** What a workload's container does: a program for each revision, counted by the images that it had. */
export interface Behaviour {
  readonly container: string;
  readonly programs: readonly MemoryProgram[];
  readonly runtime?: Runtime;
  /** The programs ask for heap, of which the runtime's flags allow so much; so many bytes lie beside it. */
  readonly besideHeapBytes?: number;
  /** All of the heap is live, so that a runtime whose heap is full gives up. */
  readonly heapIsLive?: boolean;
  /** What the other containers of its pods use all the time, bytes. */
  readonly beside?: Readonly<Record<string, number>>;
  readonly past?: Past;
  /** What a node-problem-detector would write of its kills; nothing unless told. */
  readonly detector?: DetectorRule;
  /** Who measures its memory; both unless told. */
  readonly measuredBy?: Measured;
  /** Virtual ms per real ms; that of the cluster's clock unless told. */
  readonly speed?: number;
}

export interface WorkloadKill extends MemoryKill {
  readonly target: Target;
}

/** Whether Prometheus scrapes a workload, and whether metrics-server knows it. */
export interface Measured {
  readonly prometheus: boolean;
  readonly metricsServer: boolean;
}

/** The limit that kills one running container, and the most it will ever ask for. */
export interface Standing {
  readonly pod: string;
  readonly limitInForceBytes: number | null;
  /** What the pod's spec asks for. */
  readonly askedBytes: number | null;
  readonly peakBytes: number;
  readonly podUid: string;
  /** Counted by the images that the workload had. */
  readonly revision: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Cluster extends ClusterActions {
  readonly kubelet: Kubelet;
  readonly samples: SampleSource;
  /** What metrics-server would answer. */
  readonly usage: MetricsSource;
  /** Says how a workload behaves; call it before the workload is applied. */
  readonly setBehaviour: (target: Target, behaviour: Behaviour) => void;
  /** Its story is over: what is down stays down, and nothing more is killed. */
  readonly hold: (target: Target) => void;
  readonly kills: (target?: Target) => readonly WorkloadKill[];
  readonly onKill: (listener: (kill: WorkloadKill) => void) => () => void;
  readonly standings: (target: Target, container: string) => readonly Standing[];
  readonly close: () => void;
}

export interface ClusterOptions {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  /** [0, 1) */
  readonly random: () => number;
  readonly nodes?: readonly NodeSpec[];
}

const idle: MemoryProgram = {
  points: [
    { at: 0, bytes: 12 * 2 ** 20 },
    { at: 5000, bytes: 14 * 2 ** 20 },
  ],
};

/** A small cluster that works: scheduler, kubelets, controllers and the metrics that a Prometheus would have of it. */
export function createCluster({ store, clock, random, nodes = defaultNodes }: ClusterOptions): Cluster {
  const behaviours = new Map<string, Behaviour>();
  const images = new Map<string, string[]>();
  const held = new Set<string>();
  const kills: WorkloadKill[] = [];
  const listeners = new Set<(kill: WorkloadKill) => void>();
  const samples = createSampleStore();
  const pasts = createPastKeeper(store, clock, random, samples);
  const detector = createProblemDetector(store, clock);
  const started = clock.now();
  for (const node of nodes) store.create('nodes', nodeObject(node, started));

  const targets = new WeakMap<PodRun, Target>();

  /** Who owns a pod's owner does not change; a pod without one may be claimed yet. */
  function targetOf(run: PodRun): Target {
    const known = targets.get(run);
    if (known !== undefined) return known;
    const pod = store.get('pods', run.namespace, run.name);
    if (pod === undefined) return { namespace: run.namespace, kind: 'Pod', name: run.name };
    const target = topOwner(store, pod);
    if (target.kind !== 'Pod' && target.kind !== 'ReplicaSet') targets.set(run, target);
    return target;
  }

  /** The images of a container in the order of their appearance are its revisions. */
  function programFor(run: PodRun, container: string): MemoryProgram {
    const key = targetKey(targetOf(run));
    const behaviour = behaviours.get(key);
    const other = behaviour?.beside?.[container];
    if (other !== undefined) return { points: [{ at: 0, bytes: other }] };
    const own = run.containers.find(({ spec }) => spec.name === container);
    if (behaviour?.container !== container) return (own && shellProgram(own.spec)) ?? idle;
    const image = own?.spec.image ?? '';
    const program = behaviour.programs[revisionOf(key, image) - 1] ?? behaviour.programs.at(-1) ?? idle;
    const { besideHeapBytes, heapIsLive = false, runtime = 'plain' } = behaviour;
    if (besideHeapBytes === undefined || own === undefined) return program;
    const limitBytes = memoryLimit(own.applied ?? own.desired);
    return heapProgram({ runtime, env: envOf(own.spec), limitBytes, besideHeapBytes, heapIsLive }, program);
  }

  function revisionOf(key: string, image: string): number {
    const known = images.get(key) ?? [];
    if (!known.includes(image)) known.push(image);
    images.set(key, known);
    return known.indexOf(image) + 1;
  }

  /** Who else on the node sees what the kernel did there. */
  function notice(run: PodRun, kill: WorkloadKill): void {
    detector.tell(run, kill, behaviours.get(targetKey(kill.target))?.detector ?? 'none');
    const node = store.get('nodes', undefined, run.nodeName ?? '');
    if (kill.cause !== 'node' || kill.victim === null || node === undefined) return;
    const { process, pid } = kill.victim;
    kubelets.eventsOf(node.metadata.name).record({
      about: node,
      reference: nodeReference(node.metadata.name),
      type: 'Warning',
      reason: 'SystemOOM',
      message: `System OOM encountered, victim process: ${process}, pid: ${pid}`,
    });
  }

  const measured = (run: PodRun): Measured =>
    behaviours.get(targetKey(targetOf(run)))?.measuredBy ?? { prometheus: true, metricsServer: true };

  const kubelets = createKubelets({
    store,
    clock,
    random,
    nodes,
    programFor,
    runtimeOf: (run) => behaviours.get(targetKey(targetOf(run)))?.runtime ?? 'plain',
    speedOf: (pod) => behaviours.get(targetKey(topOwner(store, pod)))?.speed,
    mayRestart: (run) => !held.has(targetKey(targetOf(run))),
    firstInstance: (run, container) => {
      pasts.firstInstance(targetKey(targetOf(run)), run, container);
    },
    killed: (kill) => {
      const run = kubelets.worker(kill.namespace, kill.pod)?.run;
      const of = run === undefined ? { namespace: kill.namespace, kind: 'Pod', name: kill.pod } : targetOf(run);
      const told = { ...kill, target: of };
      kills.push(told);
      if (run !== undefined) notice(run, told);
      for (const listener of listeners) listener(told);
    },
  });

  const stops = [
    startControllers({ store, clock, random, nodeNames: nodes.map(({ name }) => name) }),
    startScraper(clock, random, samples, () => kubelets.workers().filter(({ run }) => measured(run).prometheus)),
    store.subscribe(pasts.observe),
    pasts.close,
  ];

  return {
    kubelet: kubelets,
    samples,
    usage: createUsageSource(store, clock, () => kubelets.workers().filter(({ run }) => measured(run).metricsServer)),
    ...createActions(store, clock, kubelets.workers, kubelets.pressure),
    setBehaviour: (target, behaviour) => {
      const key = targetKey(target);
      const { past, programs, container, measuredBy } = behaviour;
      behaviours.set(key, behaviour);
      const [program] = programs;
      if (past === undefined || program === undefined) return;
      const pace = past.asFast === true ? (behaviour.speed ?? clock.speed) : 1;
      pasts.remember(key, container, past.program ?? program, { ...past, pace }, measuredBy?.prometheus ?? true);
    },
    hold: (target) => {
      held.add(targetKey(target));
      for (const { run, spare } of kubelets.workers())
        if (run.namespace === target.namespace && targetKey(targetOf(run)) === targetKey(target)) spare();
    },
    kills: (target) =>
      target === undefined ? kills : kills.filter((kill) => targetKey(kill.target) === targetKey(target)),
    onKill: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    standings: (target, container) =>
      kubelets
        .workers()
        .filter(({ run }) => !run.deleting && !run.finished && targetKey(targetOf(run)) === targetKey(target))
        .flatMap(({ run, clock: own }) =>
          run.containers
            .filter(({ spec }) => spec.name === container)
            .map((each) => ({
              pod: run.name,
              limitInForceBytes: limitInForce(run, each, virtualNow(own)),
              askedBytes: memoryLimit(each.desired),
              peakBytes: peakOf(each.instance?.program ?? programFor(run, container)),
              podUid: run.uid,
              revision: revisionOf(targetKey(target), each.spec.image),
              env: envOf(each.spec),
            })),
        ),
    close: () => {
      for (const stop of stops) stop();
      kubelets.close();
    },
  };
}
