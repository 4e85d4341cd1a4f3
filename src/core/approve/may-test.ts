import { clockTime, mostNamed, namesOf } from '../talk/words.ts';
import { matchesGlob } from '../units/glob.ts';
import { freezeOf, frozenWords, names, rulesIn } from './policy.ts';
import type { Pause, Policy } from './policy.ts';
import { testPlaces } from './test-rule.ts';
import type { TestRule } from './test-rule.ts';

/*
 * Whether somebody may have a test made in the cluster, by the worker's own right. Nothing of it is on by default: the mode
 * must be act, policy must name the namespace, and the person must be one who may approve something there. The first
 * reason against it that applies:
 *
 *   the worker only observes                             -> `observe-only`
 *   policy names no namespace of the cluster for tests   -> `nowhere`
 *   another namespace than those was asked for           -> `not-there`
 *   the worker does not watch that namespace             -> `not-watched`: its kill would be seen by nobody
 *   the person may approve nothing there                 -> `may-not-approve`
 *   changes are paused, or frozen there                  -> `paused`, `frozen`
 */
export type NoTest = 'observe-only' | 'nowhere' | 'not-there' | 'not-watched' | 'may-not-approve' | 'paused' | 'frozen';

export type MayTest =
  | { readonly may: true; readonly namespace: string; readonly image: string | null }
  /** A sentence or two that say what to do, in which `{0}` … stand for `people`. */
  | { readonly may: false; readonly reason: NoTest; readonly text: string; readonly people: readonly string[] };

export interface TestConditions {
  readonly cluster: string;
  readonly policy: Policy;
  readonly tests: readonly TestRule[];
  /** Namespaces that are watched; none = all. */
  readonly watched: readonly string[];
  readonly pause: Pause | null;
  /** ms UTC */
  readonly now: number;
}

const byHand = 'Or make one with your own rights: oomkeeper try-kill.';

/** `namespace` is null where none was named: the first of policy is meant. */
export function mayTest(
  {
    namespace: asked,
    ...person
  }: { readonly namespace: string | null; readonly by: string; readonly groups: readonly string[] },
  { cluster, policy, tests, watched, pause, now }: TestConditions,
): MayTest {
  if (policy.mode === 'observe')
    return no(
      'observe-only',
      `I only observe ${cluster}, so I make no pod there (OOMKEEPER_MODE=act lets me). ${byHand}`,
    );
  const places = testPlaces(tests, cluster);
  const [first] = places;
  if (first === undefined)
    return no(
      'nowhere',
      `Policy names no namespace of ${cluster} for tests, so I make no pod there. Add one to tests: in the policy file. ${byHand}`,
    );
  const place = asked === null ? first : places.find(({ namespace }) => namespace === asked);
  if (place === undefined) {
    const named = places.map(({ namespace }) => namespace);
    return no(
      'not-there',
      `Tests in ${cluster} may be made in ${namesOf(named, named.length)}, not in ${asked}. ${byHand}`,
    );
  }
  const { namespace } = place;
  if (watched.length > 0 && !watched.includes(namespace))
    return no(
      'not-watched',
      `I do not watch ${namespace} (OOMKEEPER_NAMESPACES is ${watched.join(', ')}), so its kill would open no thread.`,
    );
  const rules = rulesIn(policy, cluster).filter(({ namespaces }) =>
    namespaces.some((glob) => matchesGlob(glob, namespace)),
  );
  if (!rules.some((rule) => names(rule, person)))
    return mayNot(
      rules.flatMap(({ who }) => who),
      namespace,
    );
  if (pause !== null)
    return no(
      'paused',
      `Changes in ${cluster} are paused since ${clockTime(pause.at, now)} by {0}, so no pod is made. An approver ends that with /oom resume.`,
      [pause.by],
    );
  const freeze = freezeOf(policy, { subject: { cluster, namespace, workload: anyPod, container: null } }, now);
  if (freeze !== null) return no('frozen', `No pod is made in ${namespace}: ${frozenWords(freeze, now)}.`);
  return { may: true, ...place };
}

/** A freeze goes by cluster and namespace. */
const anyPod = { kind: 'Pod', name: '*' };

function mayNot(approvers: readonly string[], namespace: string): MayTest {
  const all = [...new Set(approvers)];
  const people = all.slice(0, mostNamed);
  const who = namesOf(
    people.map((_, index) => `{${index}}`),
    all.length,
  );
  const can = people.length === 0 ? 'approvers can, and policy names none,' : `${who} can`;
  return no('may-not-approve', `Only ${can} have a test made in ${namespace}. Nothing was made. ${byHand}`, people);
}

function no(reason: NoTest, text: string, people: readonly string[] = []): MayTest {
  return { may: false, reason, text, people };
}
