import { latestTrigger } from '../incident/triggers.ts';
import type { Loaded } from '../incident/incident.ts';
import type { Ignored } from '../kill/ignored.ts';
import { killedAtMs, type Kill, type Subject } from '../kill/kill.ts';
import { editDistance, nearest } from './edit-distance.ts';

/** A pod that was killed, and in which incident. */
export interface KilledPod {
  readonly incident: string;
  readonly namespace: string | null;
  /** Empty where a whole node was meant. */
  readonly pod: string;
  /** The workload's name. */
  readonly workload: string;
  /** ms UTC of its latest kill there. */
  readonly at: number;
}

/** What is known of terminations in one cluster. */
export interface Terminations {
  /** With all that `killedIn` names, as far as they are still there. */
  readonly incidents: readonly Loaded[];
  readonly killedPods: readonly KilledPod[];
  readonly suspects: readonly { readonly kill: Kill; readonly why: string }[];
  readonly ignored: readonly Ignored[];
}

/** One termination of a pod, and what it was taken for. `at` is ms UTC. */
export type Happened = {
  readonly at: number;
  readonly pod: string;
  readonly subject: Subject;
  readonly exitCode: number | null;
} & (
  | { readonly is: 'kill'; readonly kind: Kill['kind']; readonly incident: string }
  | { readonly is: 'suspect'; readonly why: string; readonly hasLimit: boolean }
  | { readonly is: 'ignored'; readonly reason: string }
);

const mostNear = 3;
const nearEdits = 3;

/**
 * What happened to the pods that words name: a pod or a workload, by itself, with its namespace (`shop/checkout`) and
 * cluster before it, or with these as words of their own in any order. Oldest first. Each termination appears once: as a
 * kill, as explained, or as a suspect.
 */
export function podHistory(words: readonly string[], known: Terminations): readonly Happened[] {
  const { incidents, suspects, ignored } = known;
  const kills = incidents.flatMap(({ incident, tally }) =>
    tally.recent.map((kill) => ({ kill, incident: incident.id })),
  );
  const killed = new Set(kills.map(({ kill }) => kill.fingerprint));
  const explained = new Set(ignored.map(({ fingerprint }) => fingerprint));
  const all: readonly Happened[] = [
    ...kills.map(({ kill, incident }) => ({ ...ended(kill), is: 'kill' as const, kind: kill.kind, incident })),
    ...beforeTheKept(known),
    ...undecided(suspects, explained)
      .filter(({ kill }) => !killed.has(kill.fingerprint))
      .map(({ kill, why }) => ({ ...ended(kill), is: 'suspect' as const, why, hasLimit: hasLimit(kill) })),
    ...ignored
      .filter(({ fingerprint }) => !killed.has(fingerprint))
      .map(({ at, pod, subject, exitCode, reason }) => ({
        at,
        pod,
        subject,
        exitCode,
        is: 'ignored' as const,
        reason,
      })),
  ];
  return all.filter(({ pod, subject }) => isNamed(words, pod, subject)).toSorted((a, b) => a.at - b.at);
}

/** The incidents that the pods which words name were killed in, the latest last. */
export function killedIn(
  words: readonly string[],
  cluster: string,
  killedPods: readonly KilledPod[],
): readonly string[] {
  const named = killedPods.filter(({ namespace, pod, workload }) =>
    isNamed(words, pod, { cluster, namespace, workload: { name: workload } }),
  );
  return [...new Set(named.map(({ incident }) => incident))];
}

/** The last kill of each pod, also where its incident no longer keeps it in full. */
function beforeTheKept({ incidents, killedPods }: Terminations): readonly Happened[] {
  const byId = new Map(incidents.map((one) => [one.incident.id, one]));
  return killedPods.flatMap(({ incident: id, pod, at }): readonly Happened[] => {
    const found = byId.get(id);
    if (found === undefined || found.tally.recent.some((kill) => kill.pod === pod)) return [];
    const { incident } = found;
    const trigger = latestTrigger(found);
    if (trigger.kind === 'ahead') return [];
    return [{ at, pod, subject: incident.subject, exitCode: null, is: 'kill', kind: trigger.kind, incident: id }];
  });
}

/** Suspects that nothing has explained since. */
export function undecided<S extends Terminations['suspects'][number]>(
  suspects: readonly S[],
  explained: ReadonlySet<string>,
): readonly S[] {
  return suspects.filter(({ kill }) => !explained.has(kill.fingerprint));
}

/** Names of pods that a mistyped one may have meant, nearest first. */
export function nearPods(
  words: readonly string[],
  { incidents, killedPods, suspects, ignored }: Terminations,
): readonly string[] {
  const pods = new Set([
    ...incidents.flatMap(({ tally }) => tally.recent.map(({ pod }) => pod)),
    ...killedPods.map(({ pod }) => pod),
    ...suspects.map(({ kill }) => kill.pod),
    ...ignored.map(({ pod }) => pod),
  ]);
  return words.flatMap((word) => nearest(lastPart(word), [...pods], mostNear, nearEdits)).slice(0, mostNear);
}

/** A workload of an incident, open or recent. */
export interface KilledWorkload {
  readonly cluster: string;
  readonly namespace: string | null;
  readonly name: string;
}

/**
 * The words with a mistyped workload's name mended: the workload that is nearest to a word, where all other words fit to
 * it. None where two are equally near.
 */
export function mended(
  words: readonly string[],
  workloads: readonly KilledWorkload[],
): { readonly typed: string; readonly meant: string; readonly words: readonly string[] } | null {
  const candidates = words.flatMap((typed, at) =>
    [...new Set(workloads.map(({ name }) => name))].flatMap((meant) => {
      const name = lastPart(typed);
      const [near] = nearest(name, [meant], 1, name.length > 4 ? 2 : 1);
      const fixed = words.with(at, typed.slice(0, typed.length - name.length) + meant);
      const fits = workloads.some(
        ({ cluster, namespace, name: workload }) =>
          workload === meant && isNamed(fixed, '', { cluster, namespace, workload: { name: workload } }),
      );
      return near !== undefined && fits ? [{ typed, meant, words: fixed, edits: editDistance(name, meant) }] : [];
    }),
  );
  const [best, next] = candidates.toSorted((a, b) => a.edits - b.edits);
  return best === undefined || next?.edits === best.edits ? null : best;
}

/** Whether the words name this workload, by itself or with where it is. */
export function namesWorkload(words: readonly string[], subject: Place): boolean {
  return isNamed(words, subject.workload.name, subject);
}

function lastPart(word: string): string {
  return word.split('/').at(-1) ?? word;
}

export function hasLimit({ limitBytes, limitInForceBytes }: Kill): boolean {
  return limitInForceBytes !== null || limitBytes !== null;
}

/** What would settle a suspect. */
export function whatWouldDecide(limited: boolean): string {
  return limited
    ? 'It would be decided by its usage at the limit before the exit, by a counted kill of the kernel, or by a later status that says OOMKilled.'
    : 'It would be decided by a counted kill of the kernel, or by a later status that says OOMKilled.';
}

function ended(kill: Kill): Pick<Happened, 'at' | 'pod' | 'subject' | 'exitCode'> {
  return { at: killedAtMs(kill), pod: kill.pod, subject: kill.subject, exitCode: kill.exitCode };
}

type Place = Pick<Subject, 'cluster' | 'namespace'> & { readonly workload: Pick<Subject['workload'], 'name'> };

function isNamed(words: readonly string[], pod: string, { cluster, namespace, workload }: Place): boolean {
  const inNamespace = `${namespace ?? '-'}/`;
  const names = [pod, workload.name].flatMap((name) => [name, inNamespace + name, `${cluster}/${inNamespace}${name}`]);
  const places = [cluster, namespace, `${cluster}/${namespace ?? '-'}`];
  return words.some((word) => names.includes(word)) && words.every((word) => [...names, ...places].includes(word));
}
