import type { Failure } from '../failure.ts';

type Refusal = readonly [shape: RegExp, words: (namespace: string) => string];

/** What the API server or its admission says, and what that means for a test. The first that fits. */
const refusals: readonly Refusal[] = [
  [
    /exceeded quota|failed quota/,
    (namespace) =>
      `The ResourceQuota of ${namespace} leaves no room for a pod with 32Mi and 50m of CPU. Free some of it, or choose another namespace.`,
  ],
  [
    /(?:maximum|minimum) (?:memory|cpu) usage|limit to request ratio/,
    (namespace) =>
      `A LimitRange of ${namespace} does not allow a container with 32Mi and 50m of CPU. Choose another namespace.`,
  ],
  [
    /violates PodSecurity|security context constraint/,
    (namespace) =>
      `The security rules of ${namespace} refuse the pod, although it fits the restricted Pod Security Standard. Choose another namespace.`,
  ],
  [/being terminated/, (namespace) => `The namespace ${namespace} is being deleted. Choose another one.`],
  [
    /admission webhook|ValidatingAdmissionPolicy/,
    (namespace) =>
      `A rule of this cluster refuses the pod in ${namespace}. If it is about where images may come from, give one that may be used; else choose another namespace.`,
  ],
];

/** Why a test's pod was not created, and what to do; null where the failure says it all. */
export function refusedWords({ code, message }: Failure, namespace: string): string | null {
  if (code === 'cluster-not-found') return `The cluster has no namespace "${namespace}".`;
  if (code !== 'cluster-forbidden' && code !== 'cluster-invalid') return null;
  const words = refusals.find(([shape]) => shape.test(message))?.[1](namespace);
  return words === undefined ? null : `${words} ${message}`;
}
