/*
 * The pod that is made to be killed for memory once, so that there is a thread to look at. A shell waits for two seconds,
 * so that whatever watches the container has begun, and becomes a `dd` that fills one block of 64 MiB from /dev/zero: all
 * of it is anonymous memory, which the kernel cannot write anywhere under a limit of 32Mi. It never takes more than the
 * block, so that on a node which does not enforce the limit nothing but this pod notices. `exec` makes it the container's
 * first process: its end is the container's, by whatever rule the kernel kills. The pod is Guaranteed, because a kubelet
 * lets only Burstable ones swap, and fits the restricted Pod Security Standard.
 */

/** The label by which left-overs are found. A label is a selector; who made the pod is in an annotation. */
export const testLabel = 'oomkeeper.dev/try-kill';
/** Who made it, in words. A pod with the label is a test, with or without it. */
export const testByAnnotation = 'oomkeeper.dev/try-kill-by';
export const testSelector = `${testLabel}=true`;
export const testContainer = 'try-kill';
export const usualTestImage = 'busybox:1.37';

/** The kubelet ends the pod after this, whatever became of whoever made it; from the start of its containers on. */
export const testDeadlineSeconds = 120;

const limitMebi = 32;
const blockMebi = 64;

export interface TestPodOptions {
  readonly name: string;
  /** Null: wherever it is applied. */
  readonly namespace: string | null;
  /** With `sh`, `sleep` and `dd`. */
  readonly image: string;
  /** Who made it, in words that the thread shows. */
  readonly by: string;
}

/** The manifest, as it is created and printed. */
export function testPod({ name, namespace, image, by }: TestPodOptions) {
  const memory = { cpu: '50m', memory: `${limitMebi}Mi` };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(namespace === null ? {} : { namespace }),
      labels: { [testLabel]: 'true', 'app.kubernetes.io/name': 'oomkeeper-try-kill' },
      annotations: { [testByAnnotation]: by },
    },
    spec: {
      restartPolicy: 'Never' as const,
      activeDeadlineSeconds: testDeadlineSeconds,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' as const } },
      containers: [
        {
          name: testContainer,
          image,
          command: ['sh', '-c', `sleep 2; exec dd if=/dev/zero of=/dev/null bs=${blockMebi}M count=1`],
          resources: { requests: memory, limits: { ...memory } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}
export type TestPod = ReturnType<typeof testPod>;
