import { record, records, text, timeMs, whole } from '../kill/json-read.ts';
import { testContainer } from './test-pod.ts';

/** Why a test ended without its kill. */
export type NotKilled = 'survived' | 'other-exit' | 'image' | 'refused-by-node' | 'late' | 'gone';

export type TestState =
  /** `why`: what it waits for, as far as the cluster says; a phrase. */
  | { readonly is: 'waiting'; readonly why: string }
  | { readonly is: 'running' }
  /** `at`: ms UTC by the kubelet's clock. */
  | {
      readonly is: 'killed';
      readonly at: number | null;
      readonly exitCode: number | null;
      readonly reason: string | null;
      readonly node: string | null;
    }
  /** `words`: what happened instead, and what to do; a sentence or two. */
  | { readonly is: 'not-killed'; readonly why: NotKilled; readonly words: string };

/** Reasons of a waiting container that does not get better without another image or another pod. */
const hopeless = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError']);

/** What became of a test's pod, from the pod as the API server gives it; null where it is gone. */
export function testState(pod: unknown): TestState {
  if (pod === null) return notKilled('gone', 'Somebody or something deleted the pod before it was killed. Try again.');
  const { spec, status } = record(pod);
  const { phase, reason, message, containerStatuses, conditions } = record(status);
  const node = text(record(spec)['nodeName']);
  const state = record(records(containerStatuses).find(({ name }) => name === testContainer)?.['state']);
  const ended = record(state['terminated']);
  const exitCode = whole(ended['exitCode']);
  if (exitCode !== null) return endedState(ended, exitCode, node);
  if (phase === 'Failed') {
    const words = `The node did not run the pod${said(reason, message)}.`;
    return notKilled('refused-by-node', `${words} Try again, or in a namespace whose pods run on other nodes.`);
  }
  if (record(state['running'])['startedAt'] !== undefined) return { is: 'running' };
  const waiting = record(state['waiting']);
  const because = text(waiting['reason']);
  if (because !== null && hopeless.has(because))
    return notKilled(
      'image',
      `The container cannot start${said(because, waiting['message'])}. Give an image that this cluster can pull and that has sh, sleep and dd: --image REGISTRY/busybox.`,
    );
  const scheduled = records(conditions).find(({ type }) => type === 'PodScheduled');
  if (scheduled?.['status'] === 'False')
    return { is: 'waiting', why: `for a node${said(scheduled['reason'], scheduled['message'])}` };
  return { is: 'waiting', why: node === null ? 'for a node' : `for its container to start on ${node}` };
}

function endedState(ended: Readonly<Record<string, unknown>>, exitCode: number, node: string | null): TestState {
  const reason = text(ended['reason']);
  const message = text(ended['message']) ?? '';
  const isStart = exitCode === 128 && /OOM|memory limit/.test(message);
  // Some versions of containerd call a memory kill `Error`; whether it was one, the thread says.
  if (reason === 'OOMKilled' || exitCode === 137 || isStart)
    return { is: 'killed', at: timeMs(ended['finishedAt']), exitCode, reason, node };
  if (exitCode === 0)
    return notKilled(
      'survived',
      'The pod took 64Mi under a limit of 32Mi and was not killed. Something raised or removed its limit (a webhook, a VPA), or its node enforces none: look at the pod with --print and kubectl apply.',
    );
  return notKilled(
    'other-exit',
    `The container ended with exit code ${exitCode}${said(reason, message)}, which is no memory kill. Its image needs sh, sleep and dd: --image busybox:1.37.`,
  );
}

function notKilled(why: NotKilled, words: string): TestState {
  return { is: 'not-killed', why, words };
}

function said(reason: unknown, message: unknown): string {
  const words = [text(reason), text(message)?.trim().replace(/\.$/, '') ?? null].filter((one) => one !== null);
  return words.length === 0 ? '' : ` (${words.join(': ')})`;
}
