import { limitAt } from '../../../core/kill/limit-at.ts';
import { inTime } from '../../in-time.ts';
import { lastSample } from '../../../core/evidence/last-sample.ts';
import type { Evidence, Findings, NodeFacts, UsageHistory } from '../../../core/evidence/evidence.ts';
import { loadAnnotation, loadQueryOf } from '../../../core/evidence/load-query.ts';
import type { LoadMapping, LoadQuery } from '../../../core/evidence/load-query.ts';
import { mayBeForNode } from '../../../core/evidence/node/node-oom.ts';
import type { NodeOom } from '../../../core/evidence/node/node-oom.ts';
import type { UsageQuery } from '../../../core/evidence/usage-query.ts';
import { Failure } from '../../../core/failure.ts';
import { record, text, timeMs } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { isOfNode, killedAtMs } from '../../../core/kill/kill.ts';
import type { Kill, Subject } from '../../../core/kill/kill.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import type { Plan } from '../../../core/remediate/plan.ts';
import { dayMs, hourMs } from '../../../core/units/duration.ts';
import { boundedOrNull } from '../../../core/units/text-bounds.ts';
import { readNamespace } from './namespace/read-namespace.ts';
import { readImpact } from './impact/read-impact.ts';
import { observe } from './observe.ts';
import { readPlanInputs } from './plan-inputs.ts';
import { readLog } from './log/read-log.ts';
import { readNode } from './read-node.ts';
import type { ReadNodeOptions } from './read-node.ts';
import { hasSharedLimit, podFacts } from './read-pod.ts';
import { readRollout } from './rollout/read-rollout.ts';
import { readScalerLoad } from './read-scaler-load.ts';
import { readScaling } from './read-scaling.ts';
import { restartFacts, specFacts, specOfKill } from './read-spec.ts';
import { untraced } from '../../../core/trace.ts';
import type { Trace } from '../../../core/trace.ts';
import { shareReads } from '../transport/share-reads.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, podsOf, readKilledPod, targetOf } from './workload-objects.ts';

export interface ClusterReaderOptions {
  readonly transport: Transport;
  /** How long each kind of evidence may take, ms. */
  readonly deadlineMs: number;
  readonly usage: (query: UsageQuery) => Promise<Evidence<UsageHistory>>;
  /** What all containers of these namespaces use now; null if usage is not measured. @throws Failure */
  readonly usageNow: ReadNodeOptions['usageNow'];
  /** What the load of workloads is, by the policy. */
  readonly loads?: readonly LoadMapping[];
  readonly now: () => number;
  /** By default nobody is told how long each kind of evidence took. */
  readonly trace?: Trace;
}

/** History before the first known kill goes back to the pod's start, but no further than this. */
const longestHistoryMs = 7 * dayMs;
/** At least this much history, so that a pod that is killed at its start still shows its siblings. */
const shortestHistoryMs = hourMs;

/** Allowed difference between the API server's clock and ours. */
const skewMs = 10_000;

/** Reads one cluster for the worker. Evidence never throws; it says why something is missing. */
export function createClusterReader({
  transport: unshared,
  deadlineMs,
  usage,
  usageNow,
  loads = [],
  now,
  trace = untraced,
}: ClusterReaderOptions) {
  const transport = shareReads(unshared);

  async function evidence<T>(source: string, read: () => Promise<T>): Promise<Evidence<T>> {
    try {
      return { found: true, value: await within(read(), deadlineMs), source, at: now() };
    } catch (error) {
      return { found: false, reason: reasonOf(error), source, at: now() };
    }
  }

  /** Reads one kind of evidence, of the kill that is being explained. */
  const timed = <T>(what: string, read: () => Promise<T>): Promise<T> => trace({ name: `read ${what}` }, read);

  /** For a kill that is about more than one container: what the node shows. */
  async function nodeOf(kill: Trigger, nodeOom: NodeOom | null): Promise<Pick<Findings, 'node' | 'nodeOom'>> {
    const { node } = kill;
    if (node === null || (!isOfNode(kill) && kill.kind !== 'eviction' && nodeOom === null)) return {};
    const facts = { node: await nodeFactsOf(node) };
    if (nodeOom === null) return facts;
    return { ...facts, nodeOom: { found: true, value: nodeOom, source: `Events of Node ${node}`, at: now() } };
  }

  async function nodeFactsOf(node: string): Promise<Evidence<NodeFacts>> {
    const read = () => readNode(transport, node, { deadlineMs, now: now(), usageNow });
    return evidence(`Node ${node} and its pods`, read);
  }

  async function findings(kill: Trigger, recent: readonly Kill[], nodeOom: NodeOom | null = null): Promise<Findings> {
    if (isOfNode(kill)) return { ...nothingOf(kill, now()), ...(await nodeOf(kill, null)) };
    const { workload } = kill.subject;
    const pod = `pod ${kill.pod}`;
    const podNow = () => readKilledPod(transport, kill, deadlineMs);
    // Several readers need the same pod.
    const samePod = podNow();
    const [spec, restarts, log, rollout, used, node, inPod, scaling, namespaceFacts] = await Promise.all([
      timed('spec', () =>
        evidence(pod, async () => {
          const found = await samePod;
          return found ? specFacts(found, kill) : specOfKill(kill);
        }),
      ),
      evidence(pod, async () => restartFacts(await samePod, kill, recent)),
      timed('log', () =>
        evidence(`log of ${pod}`, async () => readLog(transport, kill, { pod: await samePod, podNow }, deadlineMs)),
      ),
      timed('rollout', () =>
        evidence(`ReplicaSets of ${workload.kind} ${workload.name}`, () => readRollout(transport, kill, deadlineMs)),
      ),
      timed('usage', () => usageOf(kill, recent)),
      timed('node', () => nodeOf(kill, nodeOom)),
      timed('siblings', () =>
        podOf(
          samePod.catch(() => null),
          pod,
        ),
      ),
      timed('scaling', () => scalingOf(kill)),
      timed('namespace', () => namespaceOf(kill, samePod)),
    ]);
    const all = { spec, restarts, log, rollout, usage: used, ...node, ...inPod, ...scaling, ...namespaceFacts };
    return { ...all, ...(await suspectedNode(kill, all)) };
  }

  /** Its containers beside each other, where the limit is theirs together. */
  async function podOf(samePod: Promise<JsonRecord | null>, from: string): Promise<Pick<Findings, 'pod'>> {
    const pod = await samePod;
    if (pod === null || !hasSharedLimit(pod)) return {};
    return { pod: await evidence(`${from}, and what its containers use`, () => podFacts(pod, usageNow)) };
  }

  /** Nothing is said where nothing scales it: a missing right alone is no news in each thread. */
  async function scalingOf({ subject: { namespace, workload } }: Trigger): Promise<Pick<Findings, 'scaling'>> {
    if (namespace === null || workload.kind === 'Pod') return {};
    const facts = await readScaling(transport, { namespace, workload }, deadlineMs);
    if (facts === null) return {};
    return { scaling: { found: true, value: facts, source: `autoscalers in ${namespace}`, at: now() } };
  }

  /** As for what scales it. */
  async function namespaceOf(kill: Trigger, samePod: Promise<JsonRecord | null>): Promise<Pick<Findings, 'namespace'>> {
    const { namespace, workload, container } = kill.subject;
    if (namespace === null || container === null) return {};
    const objects = { pod: samePod, owner: getObject(transport, workload, namespace, deadlineMs) };
    const facts = await readNamespace(transport, { namespace, container }, objects, deadlineMs);
    if (facts === null) return {};
    const source = `quotas and limit ranges of ${namespace}`;
    return { namespace: { found: true, value: facts, source, at: now() } };
  }

  /** Without a limit that it could have reached, or far below it, a container may have been killed for its node. */
  async function suspectedNode(kill: Trigger, found: Findings): Promise<Pick<Findings, 'node'>> {
    const { node } = kill;
    if (found.node !== undefined || kill.kind !== 'container' || kill.suspect || node === null) return {};
    const hasNone = limitAt(kill) === null;
    if (!hasNone && !mayBeForNode(kill, lastSample(found, kill)?.bytes ?? null)) return {};
    return { node: await nodeFactsOf(node) };
  }

  async function usageOf(
    kill: Trigger,
    recent: readonly Kill[],
    since: number | null = null,
  ): Promise<Evidence<UsageHistory>> {
    const { namespace, workload, container } = kill.subject;
    const reading = getObject(transport, workload, namespace ?? 'default', deadlineMs);
    // At the same moment as what else is read, which then shares the lists.
    const scaledBy = scalerLoadOf(kill).catch(() => null);
    const siblings = await within(
      reading.then((owner) => podsOf(transport, kill.subject, workload.kind === 'Pod' ? null : owner, deadlineMs)),
      deadlineMs,
    ).catch(() => []);
    const owner = await within(reading, deadlineMs).catch(() => null);
    const ownerBornAt = createdAt(owner);
    const names = siblings.map((sibling) => targetOf(sibling).name);
    const to = now();
    const born = siblings.map(createdAt).filter((time) => time !== null);
    const firsts = [...recent.map(killedAtMs), ...born, Date.parse(kill.podCreatedAt ?? '')].filter((time) => time > 0);
    // There is no usage before the workload existed, so a young one is read with finer steps.
    const sinceMs = ownerBornAt === null ? shortestHistoryMs : Math.min(shortestHistoryMs, to - ownerBornAt + skewMs);
    const from = Math.max(to - longestHistoryMs, since ?? Math.min(to - sinceMs, ...firsts));
    const query = {
      namespace: namespace ?? 'default',
      pod: kill.pod,
      container: container ?? '',
      pods: [...new Set([...names, ...recent.map((one) => one.pod)])],
      from,
      to,
      kills: recent,
      load: loadQueryOf(loads, kill.subject, loadTextOf(owner)) ?? (await scaledBy),
    };
    try {
      return await usage(query);
    } catch (error) {
      return { found: false, reason: reasonOf(error), source: 'usage', at: now() };
    }
  }

  /** What it is scaled by, where nobody says what its load is. */
  async function scalerLoadOf({ subject }: Trigger): Promise<LoadQuery | null> {
    const { namespace, workload } = subject;
    if (namespace === null || workload.kind === 'Pod' || loadQueryOf(loads, subject, null) !== null) return null;
    return within(readScalerLoad(transport, { namespace, workload }, deadlineMs), deadlineMs);
  }

  return {
    findings,
    usage: usageOf,
    impact: (kill: Trigger) => timed('impact', () => readImpact(transport, kill, deadlineMs, now())),
    planInputs: (kill: Trigger) => timed('plan inputs', () => readPlanInputs(transport, kill, deadlineMs)),
    observe: (plan: Plan, subject: Subject) => observe(unshared, plan, subject, deadlineMs),
  };
}

/** Evidence about a node that was short of memory as a whole: limits, logs and rollouts do not matter. */
function nothingOf({ node }: Trigger, at: number): Omit<Findings, 'node'> {
  const none = { found: false, reason: 'no single container is meant', source: `Node ${node ?? ''}`, at } as const;
  return { spec: none, restarts: none, usage: none, log: none, rollout: none };
}

function loadTextOf(owner: JsonRecord | null): string | null {
  return boundedOrNull(text(record(record(owner?.['metadata'])['annotations'])[loadAnnotation]), 'loadText');
}

/** ms UTC; null if unknown. */
function createdAt(object: JsonRecord | null): number | null {
  return timeMs(record(object?.['metadata'])['creationTimestamp']);
}

function reasonOf(error: unknown): string {
  return error instanceof Failure ? error.message : `it could not be read: ${String(error)}`;
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return inTime(work, ms, () => {
    throw new Failure('too-slow', `there was no answer within ${ms / 1000} s`);
  });
}
