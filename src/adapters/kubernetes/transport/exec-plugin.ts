import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig.ts';

type Exec = NonNullable<UserEntry['exec']>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a plugin gave: a token, a client certificate with its key (PEM), or both. */
export type ExecStatus = z.output<typeof statusSchema>;

/** Runs the program that a kubeconfig names for its credentials, and keeps what it gave until that expires. */
export interface ExecPlugin {
  /** @throws Failure('cluster-credentials') in a sentence that names the program */
  readonly status: (cluster: ClusterEntry, exec: Exec) => Promise<ExecStatus>;
}

/** As client.authentication.k8s.io describes it; an API server without either takes us for nobody. */
const statusSchema = z.object({
  token: z.string().optional(),
  clientCertificateData: z.string().optional(),
  clientKeyData: z.string().optional(),
  expirationTimestamp: z.string().optional(),
});
const credentialSchema = z.object({ status: statusSchema });

/** Enough for one that asks its cloud; one that waits for somebody to log in waits for ever. */
const patienceMs = 30_000;

/** @param environment what the program inherits: it is found by its PATH */
export function createExecPlugin(
  environment: Environment,
  now: () => number = Date.now,
  patience: number = patienceMs,
): ExecPlugin {
  let kept: ExecStatus | null = null;

  return {
    status: async (cluster, exec) => {
      const { expirationTimestamp } = kept ?? {};
      const isFresh = expirationTimestamp === undefined || Date.parse(expirationTimestamp) > now();
      if (kept !== null && isFresh) return kept;
      kept = null;
      kept = await run(cluster, exec, environment, patience);
      return kept;
    },
  };
}

async function run(cluster: ClusterEntry, exec: Exec, environment: Environment, patience: number): Promise<ExecStatus> {
  const fail = (why: string, cause?: unknown): Failure =>
    new Failure(
      'cluster-credentials',
      `The credentials for the API server cannot be read: ${exec.command}, which the kubeconfig runs for them, ${why}`,
      { retry: 'backoff', cause },
    );
  if (exec.interactiveMode === 'Always')
    throw fail('wants to ask somebody (interactiveMode: Always): nobody is there.');
  const env = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  // Nobody answers at its standard input: one that asks there reads its end.
  const child = spawn(exec.command, exec.args ?? [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it has started is ended with it.
    detached: true,
    env: { ...environment, ...env, KUBERNETES_EXEC_INFO: execInfo(cluster, exec) },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const isLate = { ever: false };
  const timer = setTimeout(() => {
    isLate.ever = true;
    endGroup(child);
    // What has left the group may still hold them.
    child.stdout.destroy();
    child.stderr.destroy();
  }, patience);
  let ended: unknown[];
  try {
    ended = await once(child, 'close');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const hint = exec.installHint === undefined ? '' : ` ${exec.installHint.trim()}`;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw fail(isMissing ? `is not on this machine.${hint}` : `cannot be run: ${why}`, cause);
  } finally {
    clearTimeout(timer);
  }
  const [code] = ended;
  const words = said.err.trim() || 'it said nothing';
  if (isLate.ever) throw fail(`gave nothing within ${patience / 1000} s: ${words}`);
  if (code !== 0) throw fail(`failed: ${words}`);
  try {
    return credentialSchema.parse(JSON.parse(said.out)).status;
  } catch (cause) {
    throw fail('answered with something that is no ExecCredential.', cause);
  }
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
    child.kill('SIGKILL');
  }
}

/** What a plugin may ask for, as client.authentication.k8s.io describes it. */
function execInfo(cluster: ClusterEntry, exec: Exec): string {
  const { server, 'certificate-authority-data': caData, 'tls-server-name': name } = cluster;
  const about = {
    server,
    ...(caData ? { 'certificate-authority-data': caData } : {}),
    ...(name ? { 'tls-server-name': name } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
  };
  return JSON.stringify({
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: about } : {}) },
  });
}
