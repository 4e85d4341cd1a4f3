import { flagWords, heapOf, heapUnder, runtimeNames } from '../diagnose/runtimes/heap.ts';
import { workersOf } from '../diagnose/runtimes/python.ts';
import { runtimeOf } from '../diagnose/runtimes/runtime.ts';
import { isOfNode, killedAtMs, runMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import type { Recommendation } from '../recommend/recommendation.ts';
import { downtimeWords } from '../talk/downtime-words.ts';
import { clockTime, counted } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import { beforeWords, sameImageWords } from './before/before-words.ts';
import { namespaceLines } from './namespace/namespace-lines.ts';
import { nodeLines } from './node/node-facts.ts';
import { nodeOomWords } from './node/node-oom.ts';
import { podWords } from './pod-use.ts';
import { scalingWords } from './scaling.ts';
import type { Evidence, EvidenceLine, Findings, LogFacts, RestartFacts, RolloutFacts, SpecFacts } from './evidence.ts';
import { limitWords, usageLines } from './usage-lines.ts';
import { redact } from '../redact/redact.ts';
import { roughDuration } from '../units/duration.ts';
import { cut } from '../units/text-bounds.ts';
import { limitAt } from '../kill/limit-at.ts';

const shownLogLines = 3;
const longestLogLine = 161;

/**
 * The evidence as it is stored and as the thread shows it, always in the same order; what is missing keeps its line, with
 * the reason. What looks like a secret is not in it. Names and log lines are not trusted; the caller must escape them.
 * `proposed`: what is recommended, where anything is, because some facts matter only to that.
 */
export function evidenceLines(
  findings: Findings,
  trigger: Trigger,
  recent: readonly Kill[],
  proposed: Recommendation | null = null,
): EvidenceLine[] {
  return allLines(findings, trigger, recent, proposed).map((one) => ({
    ...one,
    text: redact(one.text),
    source: redact(one.source),
  }));
}

function allLines(
  findings: Findings,
  trigger: Trigger,
  recent: readonly Kill[],
  proposed: Recommendation | null,
): EvidenceLine[] {
  const { node, nodeOom, scaling, namespace, pod, before, sameImage } = findings;
  const about =
    node?.found === true ? nodeLines(node.value, node.source, node.at) : node ? [line('Node', node, () => '')] : [];
  // It is not about a container, so it has no limit, log or rollout to miss.
  const killed = trigger.kind === 'ahead' ? [] : [...downtimeLine(trigger), ...victimLine(trigger)];
  if (isOfNode(trigger)) return [...killed, ...about];
  // In the order in which they are shown; evidence without a place here does not compile.
  const lines: Readonly<Record<keyof Findings, readonly EvidenceLine[]>> = {
    nodeOom: nodeOom === undefined ? [] : [line('Kernel', nodeOom, (found) => nodeOomWords(found, nodeOom.at))],
    spec: [line('Spec', findings.spec, (spec) => specWords(spec, trigger)), ...runtimeLine(findings.spec, trigger)],
    restarts: [line('Restarts', findings.restarts, (restarts) => restartWords(restarts, trigger, recent))],
    usage: usageLines(findings, trigger),
    pod: pod === undefined ? [] : [line('In its pod', pod, (found) => podWords(found, trigger.subject.container))],
    scaling: scaling === undefined ? [] : [line('Scaling', scaling, scalingWords)],
    namespace: namespace?.found === true ? namespaceLines(namespace, trigger, proposed) : [],
    rollout: [line('Rollout', findings.rollout, (rollout) => rolloutWords(rollout, trigger))],
    log: [line('Log', findings.log, logWords)],
    before: before === undefined ? [] : [line('Before', before, (found) => beforeWords(found, before.at))],
    sameImage:
      sameImage === undefined ? [] : [line('Same image', sameImage, (found) => sameImageWords(found, sameImage.at))],
    node: about,
  };
  return [...killed, ...Object.values(lines).flat()];
}

/** What the kernel's message said about the process that it killed. */
function victimLine({ victim, seenAt }: Kill): EvidenceLine[] {
  if (victim === undefined) return [];
  const { process, pid, rssBytes } = victim;
  const name = [process ?? 'a process', ...(pid === null ? [] : [`(pid ${pid})`])].join(' ');
  const held = rssBytes === null ? '' : `, which held ${formatBytes(rssBytes)}`;
  return [
    {
      label: 'Victim',
      text: `the kernel killed ${name}${held}`,
      source: 'the kernel’s message, by an Event',
      at: seenAt,
      missing: false,
    },
  ];
}

function line<T>(label: string, evidence: Evidence<T>, words: (value: T) => string): EvidenceLine {
  const { source, at } = evidence;
  return evidence.found
    ? { label, text: words(evidence.value), source, at, missing: false }
    : { label, text: evidence.reason, source, at, missing: true };
}

function downtimeLine(kill: Kill): EvidenceLine[] {
  const { away } = kill;
  if (away === null) return [];
  const at = killedAtMs(kill);
  const text = `killed at ${clockTime(at)} ${downtimeWords(away, at)}`;
  return [{ label: 'Seen late', text, source: 'the watcher', at: kill.seenAt, missing: false }];
}

/** The runtime and its heap flag, where they are known: nothing is missing about a program that has none. */
function runtimeLine(spec: Findings['spec'], trigger: Trigger): EvidenceLine[] {
  if (!spec.found) return [];
  const runtime = runtimeOf(spec.value, trigger.labels);
  if (runtime === null) return [];
  const text = `${runtimeNames[runtime]}${heapWords(spec.value, trigger)}${workerWords(spec.value)}`;
  return [{ label: 'Runtime', text, source: spec.source, at: spec.at, missing: false }];
}

/** Worker processes of a server: they share one limit. */
function workerWords(spec: SpecFacts): string {
  const workers = workersOf(spec);
  if (workers === null) return '';
  const { server, count, recycleOption, recycles } = workers;
  const many = count === null ? '' : ` with ${counted(count, 'worker')}`;
  return `, ${server}${many}${recycles ? '' : `, without ${recycleOption}`}`;
}

function heapWords(spec: SpecFacts, trigger: Trigger): string {
  const heap = heapOf(spec, trigger.labels);
  const limit = limitAt(trigger);
  const goLimit = spec.env['GOMEMLIMIT'];
  if (heap === 'too-long') return ', its options are too long to read: what they say about the heap is not known';
  if (heap === null) return goLimit === undefined ? '' : `, GOMEMLIMIT=${goLimit}`;
  const flag = heap.flag === null ? 'no heap flag' : flagWords(heap.flag);
  const size = limit === null || limit <= 0 ? null : heapUnder(heap, limit);
  return size === null || limit === null
    ? `, ${flag}`
    : `, ${flag}: a heap of up to ${formatBytes(size)} under the limit of ${formatBytes(limit)}`;
}

function specWords(
  { limitBytes, requestBytes, podLimitBytes, qosClass, image, memoryVolumes }: SpecFacts,
  { limitInForceBytes: inForce }: Trigger,
): string {
  return [
    limitWords(limitBytes),
    requestBytes === null ? 'no request' : `request ${formatBytes(requestBytes)}`,
    ...(inForce !== null && inForce !== limitBytes ? [`in force ${formatBytes(inForce)}`] : []),
    ...(podLimitBytes === null ? [] : [`pod limit ${formatBytes(podLimitBytes)}`]),
    ...(qosClass === null ? [] : [qosClass]),
    ...(image === null ? [] : [`image ${image}`]),
    ...memoryVolumes.map(({ mountPath }) => `volume in memory at ${mountPath}`),
  ].join(', ');
}

function restartWords({ restartCount }: RestartFacts, { pod }: Trigger, recent: readonly Kill[]): string {
  const runs = recent.flatMap((kill) => runMs(kill) ?? []);
  const last = runs.at(-1);
  const kills = recent.length === 1 ? 'one kill known' : `the last ${recent.length} kills known`;
  return [
    restartCount === 0
      ? `not restarted yet (${pod})`
      : `restarted ${restartCount === 1 ? 'once' : `${restartCount} times`} (${pod})`,
    ...(recent.length === 0 ? [] : [kills]),
    ...(last === undefined ? [] : [`killed ${roughDuration(last)} after its last start`]),
  ].join(', ');
}

function rolloutWords({ revision, startedAt, previousRevision, changed }: RolloutFacts, trigger: Trigger): string {
  const since = triggeredAtMs(trigger) - startedAt;
  const before = trigger.kind === 'ahead' ? 'ago' : 'before this kill';
  const when = since >= 0 ? `${roughDuration(since)} ${before}` : `at ${clockTime(startedAt)}`;
  if (previousRevision === null) return `revision ${revision} since ${when}, the first one`;
  const what = changed.length === 0 ? 'nothing in its containers changed' : `changed ${changed.join(', ')}`;
  return `revision ${revision} since ${when}: ${what}`;
}

function logWords({ lines }: LogFacts): string {
  const shown = lines.slice(-shownLogLines).map((text) => cut(text, longestLogLine));
  return shown.length === 0 ? 'the killed run wrote nothing' : `last lines: ${shown.join(' ⏎ ')}`;
}
