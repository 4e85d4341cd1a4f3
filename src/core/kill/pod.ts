import { Failure } from '../failure.ts';
import { testByAnnotation, testLabel } from '../test-kill/test-pod.ts';
import { parseBytes } from '../units/quantity.ts';
import type { IgnoredReason } from './ignored-reason.ts';
import type { JsonRecord } from './json-read.ts';
import { record, records, text, texts, timeMs, whole } from './json-read.ts';
import type { containerTypes } from './kill.ts';
import type { Termination } from './termination.ts';
import { readTermination } from './termination.ts';

export type ContainerType = (typeof containerTypes)[number];

export interface ContainerView {
  readonly name: string;
  readonly type: ContainerType;
  readonly image: string | null;
  /** The run that the status is about, and when it began if it is still running. */
  readonly containerId: string | null;
  readonly startedAt: string | null;
  readonly restartCount: number;
  /** `state` is `terminated`; it may still be restarted. */
  readonly stopped: boolean;
  /** Oldest first: `lastState`, then `state`. They can be two different kills. */
  readonly terminations: readonly Termination[];
  /** The limit that the kubelet reports, else the one in the spec. A resize may not be in force yet. */
  readonly limitBytes: number | null;
  readonly requestBytes: number | null;
  /** Failure thresholds of its probes, where they are not the default. */
  readonly probeThresholds: PerProbe;
  /** Grace period after a failed probe, where it differs from the pod's. */
  readonly probeGraceSeconds: PerProbe;
}

/** By the reason that a failure of the probe gives. */
type PerProbe = Readonly<Partial<Record<IgnoredReason, number | undefined>>>;

/** What is needed of a pod to detect memory kills. Bytes and ms UTC; null = absent or unreadable. */
export interface PodView {
  readonly name: string;
  readonly namespace: string | null;
  readonly uid: string;
  /**
   * The uid that a node uses for a static pod in Events and cgroups: the hash of its file. The uid in the API is that
   * of its mirror pod.
   */
  readonly staticHash: string | null;
  readonly resourceVersion: string | null;
  readonly createdAt: string | null;
  readonly generateName: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** What the annotation oomkeeper.dev/channel says. */
  readonly channel: string | null;
  /** Of a pod that was made to be killed: what it says of who made it; null for any other. */
  readonly test: string | null;
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly node: string | null;
  readonly qosClass: string | null;
  readonly restartPolicy: string | null;
  readonly phase: string | null;
  readonly statusReason: string | null;
  readonly statusMessage: string | null;
  /** Reason of the condition `DisruptionTarget`, when it is true. */
  readonly disruption: string | null;
  /** When that condition became true, RFC 3339: the time of an eviction. */
  readonly disruptedAt: string | null;
  /** `dueAtMs` is the API's deletionTimestamp: the request plus the grace period. */
  readonly deletion: { readonly dueAtMs: number; readonly graceSeconds: number } | null;
  readonly graceSeconds: number;
  /** The limit for the whole pod in `spec.resources`. */
  readonly podLimitBytes: number | null;
  /** The pod's limit as the kubelet reports it; if none is set, the sum of the containers' limits. */
  readonly podLimitInForceBytes: number | null;
  readonly containers: readonly ContainerView[];
  /** Sentences about fields that could not be read, such as a bad quantity. */
  readonly problems: readonly string[];
}

/** An id that lasts as long as the containers: the mirror of a static pod may be recreated with another uid. */
export function lastingUid({ uid, staticHash }: PodView): string {
  return staticHash ?? uid;
}

/** The ids that an Event may use for this pod; a few Events have no uid. */
export function namesOfPod(pod: PodView): readonly string[] {
  const { uid, namespace, name } = pod;
  return [...new Set([uid, lastingUid(pod), `${namespace ?? ''}/${name}`])];
}

/** Whether it is one of them. Called for each suspect and each stop order, so it allocates nothing. */
export function isPodCalled({ uid, staticHash, namespace, name }: PodView, called: string): boolean {
  return called === uid || called === staticHash || (called.endsWith(name) && called === `${namespace ?? ''}/${name}`);
}

const GROUPS = [
  { spec: 'initContainers', status: 'initContainerStatuses' },
  { spec: 'containers', status: 'containerStatuses' },
  { spec: 'ephemeralContainers', status: 'ephemeralContainerStatuses' },
] as const;

function testOf({ labels, annotations }: JsonRecord): string | null {
  return record(labels)[testLabel] === 'true' ? (text(record(annotations)[testByAnnotation]) ?? '') : null;
}

/** Reads a Pod from the API's JSON. Never throws; null only if there is no name. */
export function readPod(object: unknown): PodView | null {
  const metadata = record(record(object)['metadata']);
  const spec = record(record(object)['spec']);
  const status = record(record(object)['status']);
  const name = text(metadata['name']);
  if (name === null) return null;

  const namespace = text(metadata['namespace']);
  const problems: string[] = [];
  const podLimitBytes = realLimit(memory(spec['resources'], 'limits', 'spec.resources', problems));
  return {
    name,
    namespace,
    uid: text(metadata['uid']) ?? `${namespace ?? ''}/${name}`,
    staticHash: text(record(metadata['annotations'])['kubernetes.io/config.hash']),
    resourceVersion: text(metadata['resourceVersion']),
    createdAt: text(metadata['creationTimestamp']),
    generateName: text(metadata['generateName']),
    labels: texts(metadata['labels']),
    channel: text(record(metadata['annotations'])['oomkeeper.dev/channel']),
    test: testOf(metadata),
    owner: controllerOf(metadata),
    node: text(spec['nodeName']),
    qosClass: text(status['qosClass']),
    restartPolicy: text(spec['restartPolicy']),
    phase: text(status['phase']),
    statusReason: text(status['reason']),
    statusMessage: text(status['message']),
    ...disruptionOf(status),
    deletion: deletionOf(metadata),
    graceSeconds: whole(spec['terminationGracePeriodSeconds']) ?? 30,
    podLimitBytes,
    podLimitInForceBytes:
      realLimit(memory(status['resources'], 'limits', 'status.resources', problems)) ?? podLimitBytes,
    containers: GROUPS.flatMap((group) => readContainers(spec[group.spec], status[group.status], group.spec, problems)),
    problems,
  };
}

function readContainers(
  specs: unknown,
  statuses: unknown,
  group: (typeof GROUPS)[number]['spec'],
  problems: string[],
): readonly ContainerView[] {
  const byName = new Map(records(specs).map((container) => [text(container['name']), container]));
  return records(statuses).flatMap((status) => {
    const name = text(status['name']);
    if (name === null) return [];
    const spec = byName.get(name) ?? {};
    const inStatus = `${group}{${name}} in status`;
    const terminations = [readTermination(status['lastState']), readTermination(status['state'])];
    return {
      name,
      type: typeOf(group, spec),
      image: text(spec['image']) ?? text(status['image']),
      containerId: text(status['containerID']),
      startedAt: text(record(record(status['state'])['running'])['startedAt']),
      restartCount: whole(status['restartCount']) ?? 0,
      stopped: 'terminated' in record(status['state']),
      terminations: terminations.filter((termination) => termination !== null),
      limitBytes:
        realLimit(memory(status['resources'], 'limits', inStatus, problems)) ??
        realLimit(memory(spec['resources'], 'limits', `${group}{${name}}`, problems)),
      requestBytes:
        memory(status['resources'], 'requests', inStatus, problems) ??
        memory(spec['resources'], 'requests', `${group}{${name}}`, problems),
      probeThresholds: ofProbes(spec, 'failureThreshold'),
      probeGraceSeconds: ofProbes(spec, 'terminationGracePeriodSeconds'),
    };
  });
}

function ofProbes(spec: JsonRecord, field: string): PerProbe {
  const [liveness, startup] = [spec['livenessProbe'], spec['startupProbe']].map((probe) => whole(record(probe)[field]));
  return { 'liveness-probe': liveness ?? undefined, 'startup-probe': startup ?? undefined };
}

function typeOf(group: (typeof GROUPS)[number]['spec'], spec: JsonRecord): ContainerType {
  if (group === 'containers') return 'container';
  if (group === 'ephemeralContainers') return 'ephemeral';
  return spec['restartPolicy'] === 'Always' ? 'sidecar' : 'init';
}

/**
 * Without a limit a cgroup reports 2^63 minus a page, and the kubelet repeats that (recorded: `9007199254740988Ki`). A
 * limit of 0 means none.
 */
export function realLimit(bytes: number | null): number | null {
  return bytes !== null && bytes > 0 && bytes < 2 ** 60 ? bytes : null;
}

function memory(resources: unknown, part: 'limits' | 'requests', where: string, problems: string[]): number | null {
  const quantity = record(record(resources)[part])['memory'];
  if (quantity === undefined || quantity === null) return null;
  try {
    return parseBytes(typeof quantity === 'string' ? quantity : JSON.stringify(quantity));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.push(`${where}: memory ${part} unreadable: ${error.message}`);
    return null;
  }
}

function controllerOf(metadata: JsonRecord): PodView['owner'] {
  const owner = records(metadata['ownerReferences']).find((reference) => reference['controller'] === true);
  const kind = text(owner?.['kind']);
  const name = text(owner?.['name']);
  return kind === null || name === null ? null : { kind, name };
}

function disruptionOf(status: JsonRecord): Pick<PodView, 'disruption' | 'disruptedAt'> {
  const condition = records(status['conditions']).find(
    (candidate) => candidate['type'] === 'DisruptionTarget' && candidate['status'] === 'True',
  );
  const since = condition?.['lastTransitionTime'];
  return { disruption: text(condition?.['reason']), disruptedAt: timeMs(since) === null ? null : text(since) };
}

function deletionOf(metadata: JsonRecord): PodView['deletion'] {
  const dueAtMs = timeMs(metadata['deletionTimestamp']);
  return dueAtMs === null ? null : { dueAtMs, graceSeconds: whole(metadata['deletionGracePeriodSeconds']) ?? 0 };
}
