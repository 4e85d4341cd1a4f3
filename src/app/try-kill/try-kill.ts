import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { stringify } from 'yaml';
import { connect } from '../../adapters/kubernetes/transport/connect.ts';
import { contextNamespace } from '../../adapters/kubernetes/transport/kubeconfig.ts';
import { readNamespaces } from '../../adapters/kubernetes/read/read-namespaces.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import { createTestPods } from '../../adapters/kubernetes/write/test-pods.ts';
import { Failure } from '../../core/failure.ts';
import { channelFor } from '../../core/talk/route.ts';
import { nearNames } from '../../core/talk/scope.ts';
import { namesOf } from '../../core/talk/words.ts';
import { refusedWords } from '../../core/test-kill/refused-words.ts';
import { testName } from '../../core/test-kill/test-name.ts';
import { testPod } from '../../core/test-kill/test-pod.ts';
import type { TestPod } from '../../core/test-kill/test-pod.ts';
import { runTest } from '../../flow/test-kill/run-test.ts';
import type { TestNews } from '../../flow/test-kill/run-test.ts';
import { asTyped } from '../command-line/as-typed.ts';
import { startProgress } from '../command-line/progress.ts';
import { jsonLine, shownLine } from '../command-line/terminal-text.ts';
import { processEnvironment, readOnly } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { readPolicy } from '../config/policy-file.ts';
import { connectOptions } from '../connect-options.ts';
import { wait } from '../wait.ts';
import { tryKillOptions } from './try-kill-options.ts';
import { leftWords, newsWords, printedHead, tryKillJson, tryKillText } from './try-kill-text.ts';
import type { Place } from './try-kill-text.ts';

const variables = [
  'KUBECONFIG',
  'OOMKEEPER_CLUSTER',
  'OOMKEEPER_CHANNEL',
  'OOMKEEPER_POLICY',
  'OOMKEEPER_TEST_TIMING',
] as const;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interruptedCode = 130;
const lookEveryMs = 500;
const listMs = 10_000;

/** `oomkeeper try-kill`: one kill that is announced as a test. Returns the exit code. @throws Failure */
export async function tryKillCommand(args: readonly string[]): Promise<number> {
  const { image, json, print, yes, ...given } = tryKillOptions(args);
  const name = testName(randomUUID());
  if (print) {
    const pod = testPod({ name, namespace: given.namespace, image, by: madeBy('try-kill --print') });
    process.stdout.write(json ? jsonLine(pod) : `${printedHead}${stringify(pod)}`);
    return 0;
  }
  const config = readOnly(variables);
  const kubeconfig = given.kubeconfig ?? config.KUBECONFIG;
  const namespace = given.namespace ?? (await contextNamespace(kubeconfig));
  const transport = await connect(connectOptions({ KUBECONFIG: kubeconfig }));
  const pod = testPod({ name, namespace, image, by: madeBy('try-kill') });
  const place: Place = { namespace, server: transport.server, channel: await channelOf(pod, namespace, config) };
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  // The second one ends this process at once.
  for (const signal of signals) process.once(signal, interrupt);
  const progress = startProgress(process.stderr);
  try {
    progress.say(`connecting to ${transport.server}`);
    await refuseWithoutRights(transport, namespace);
    progress.end();
    if (!yes && !(await agrees(place, interrupted.signal))) {
      process.stderr.write('Nothing was made.\n');
      return interrupted.signal.aborted ? interruptedCode : 1;
    }
    let left: string | null = null;
    const news = (one: TestNews): void => {
      if (one.is === 'left') left = leftWords(one.failure, place);
      const words = newsWords(one);
      if (words !== null) progress.say(words);
    };
    progress.say(`making the pod ${name} in ${namespace}`);
    const needs = {
      pods: createTestPods(transport, namespace),
      wait,
      now: () => performance.now(),
      pace: { lookEveryMs, stayMs: config.timing.testStayMs },
    };
    const end = await inClearWords(transport, namespace, () =>
      runTest(pod, needs, { news, signal: interrupted.signal }),
    );
    progress.end();
    const result = { ...place, end, pod: name, left };
    process.stdout.write(json ? jsonLine(tryKillJson(result)) : asTyped(tryKillText(result)));
    return end.is === 'interrupted' ? interruptedCode : end.is === 'killed' ? 0 : 1;
  } finally {
    progress.end();
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** In words that the thread shows: who typed it, as this machine knows them. */
function madeBy(command: string): string {
  try {
    return `${userInfo().username} (oomkeeper ${command})`;
  } catch {
    // A container may run as a user that has no name.
    return `oomkeeper ${command}`;
  }
}

/** Where the bot will post it, as far as the variables of this shell say what the bot's say. */
async function channelOf(pod: TestPod, namespace: string, config: Config): Promise<Place['channel']> {
  const { OOMKEEPER_CHANNEL: usual, OOMKEEPER_CLUSTER: cluster = '', OOMKEEPER_POLICY: policy } = config;
  const { routes } = await readPolicy({ OOMKEEPER_POLICY: policy, OOMKEEPER_APPROVERS: [] });
  const name = channelFor({ subject: { cluster, namespace }, labels: pod.metadata.labels }, routes, usual);
  return { name, isKnown: policy !== '' || processEnvironment()['OOMKEEPER_CHANNEL'] !== undefined };
}

/** @throws Failure that names the rights that are missing */
async function refuseWithoutRights(transport: Transport, namespace: string): Promise<void> {
  const lacking = await createTestPods(transport, namespace).lacking();
  if (lacking.length === 0) return;
  throw new Failure(
    'cluster-forbidden',
    `You may not ${namesOf(lacking, lacking.length)} pods in ${namespace}, and try-kill needs to create, get, list and delete its own. Choose a namespace where you may (--namespace), or ask for the role "edit" there.`,
  );
}

/** Null input means no. @throws Failure where nobody can be asked */
async function agrees({ namespace, server, channel }: Place, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Failure('usage', 'There is no terminal to ask in: add --yes to make the pod without being asked.');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const question = `This makes one pod in ${namespace} of ${server} that is killed for memory once, and announces it in #${channel.name} as a test. Go on? [y/N] `;
    return /^y(?:es)?$/i.test((await lines.question(shownLine(question), { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}

/** Runs it, and throws its failure in clearer words where it is known what it means. */
async function inClearWords<T>(transport: Transport, namespace: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const words = error instanceof Failure ? refusedWords(error, namespace) : null;
    if (!(error instanceof Failure) || words === null) throw error;
    const meant = error.code === 'cluster-not-found' ? await meantWords(transport, namespace) : '';
    throw new Failure(error.code, `${words}${meant}`, { cause: error });
  }
}

async function meantWords(transport: Transport, namespace: string): Promise<string> {
  try {
    const near = nearNames(namespace, (await readNamespaces(transport, listMs)) ?? []);
    return near.length === 0 ? '' : ` Did you mean ${namesOf(near, near.length)}?`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return '';
  }
}
