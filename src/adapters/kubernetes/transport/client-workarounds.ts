import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { RequestOptions } from 'node:https';
import { resolve } from 'node:path';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Credentials } from './credentials.ts';

/*
 * Corrections for what @kubernetes/client-node 2.0.1 does differently from kubectl. docs/decisions/0024-client-node.md says
 * why; the transport's tests go red without them. With a newer version, check which of them can go.
 */

/** One kubeconfig in the form that the library understands: with absolute paths, without fields that it misreads. */
export function completed(document: JsonRecord, folder: string): JsonRecord {
  const each = (key: string, name: string, mend: (entry: JsonRecord) => JsonRecord): readonly JsonRecord[] =>
    records(document[key]).map((one) => ({ ...one, [name]: mend(record(one[name])) }));
  return {
    ...document,
    clusters: each('clusters', 'cluster', (one) => withPaths(one, folder, 'certificate-authority')),
    users: each('users', 'user', (one) => completedUser(one, folder)),
  };
}

function completedUser(given: JsonRecord, folder: string): JsonRecord {
  const user = withPaths(given, folder, 'client-certificate', 'client-key', 'tokenFile');
  const { tokenFile, exec } = user;
  return {
    ...user,
    // Else the word `undefined` is sent.
    password: user['password'] ?? '',
    // kubectl prefers the token's file to a token beside it. The library reads such a file only through a provider.
    ...(tokenFile ? { token: undefined, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } : {}),
    // A command with a slash is a path, one without is looked for in PATH.
    ...(text(record(exec)['command'])?.includes('/') ? { exec: withPaths(record(exec), folder, 'command') } : {}),
  };
}

/** Paths are relative to their file. Inline data takes precedence over a path. */
function withPaths(entry: JsonRecord, folder: string, ...names: readonly string[]): JsonRecord {
  const pathOf = (name: string): string | undefined => {
    const path = entry[`${name}-data`] ? null : text(entry[name]);
    return path === null ? undefined : resolve(folder, path);
  };
  return { ...entry, ...Object.fromEntries(names.map((name) => [name, pathOf(name)] as const)) };
}

/** Merges several files as kubectl does: the first that sets a field wins. The library throws instead. */
export function joined(documents: readonly JsonRecord[]): JsonRecord {
  const all = (key: string) => documents.flatMap((one) => records(one[key]));
  return {
    clusters: all('clusters'),
    users: all('users'),
    contexts: all('contexts'),
    'current-context': documents.map((one) => text(one['current-context'])).find((name) => name !== null),
  };
}

/** Enough for a plugin that calls its cloud; one that waits for a person to log in would wait for ever. */
export const usualPatienceMs = 30_000;
/** A credential has a few kilobytes. */
const mostWritten = 2 ** 20;
/** Characters of what a plugin says of its failure. */
const mostSaid = 1_000;

/**
 * Runs the user's plugin as kubectl would without a terminal: it is told that it may not prompt, gets no standard input,
 * and is ended when it takes too long. Returns what turns its failures into a sentence.
 */
export function mendExec(
  config: KubeConfig,
  cluster: Cluster,
  user: User,
  patienceMs: number,
): (cause: unknown) => unknown {
  const exec = record(user.exec);
  const fail = (why: string, cause?: unknown): Failure =>
    new Failure(
      'cluster-credentials',
      `The credentials for the API server cannot be read: ${text(exec['command']) ?? 'a program'}, which the kubeconfig runs for them, ${why}`,
      { retry: 'backoff', cause },
    );
  let isLate = false;
  let isEndless = false;
  const execFn = (command: string, args: readonly string[] | undefined, options: SpawnOptions): ChildProcess => {
    if (exec['interactiveMode'] === 'Always')
      throw fail('wants to ask somebody (interactiveMode: Always): nobody is there.');
    // A group of its own, so that what it has started is ended with it.
    const child = spawn(command, args ?? [], { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const end = (): void => {
      endGroup(child);
      // A process that has left the group may still hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, patienceMs);
    child.once('close', () => clearTimeout(timer));
    // The library keeps all that is written.
    let written = 0;
    const count = (part: Buffer | string): void => {
      written += part.length;
      if (written <= mostWritten || isEndless) return;
      isEndless = true;
      end();
    };
    child.stdout.on('data', count);
    child.stderr.on('data', count);
    return child;
  };
  for (const one of records(record(config)['authenticators'])) if ('execFn' in one) Object.assign(one, { execFn });
  const info = { name: 'KUBERNETES_EXEC_INFO', value: execInfo(cluster, exec) };
  Object.assign(exec, { env: [...records(exec['env']), info] });

  return (cause) => {
    if (!user.exec || cause instanceof Failure || !(cause instanceof Error)) return cause;
    if (isEndless) return fail(`wrote more than ${mostWritten / 2 ** 20} MiB and was ended.`, cause);
    const words = cause.message.trim().slice(0, mostSaid) || 'it said nothing';
    if (isLate) return fail(`gave nothing within ${patienceMs / 1000} s: ${words}`, cause);
    // What it wrote is no JSON, or has no status.
    if (cause instanceof SyntaxError || cause instanceof TypeError)
      return fail('answered with something that is no ExecCredential.', cause);
    if (!('code' in cause)) return fail(`failed: ${words}`, cause);
    const hint = text(exec['installHint']);
    return fail(
      cause.code === 'ENOENT'
        ? `is not on this machine.${hint === null ? '' : ` ${hint.trim()}`}`
        : `cannot be run: ${words}`,
      cause,
    );
  };
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/** As client.authentication.k8s.io describes it. */
function execInfo({ server, caData, tlsServerName, skipTLSVerify, proxyUrl }: Cluster, exec: JsonRecord): string {
  const cluster = {
    server,
    ...(caData ? { 'certificate-authority-data': caData } : {}),
    ...(tlsServerName ? { 'tls-server-name': tlsServerName } : {}),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
  };
  return JSON.stringify({
    apiVersion: text(exec['apiVersion']) ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec['provideClusterInfo'] === true ? { cluster } : {}) },
  });
}

/**
 * The headers that the library sets on a request, and the impersonated groups, which it leaves out.
 * @throws Failure where a provider has set none: the request would be anonymous
 */
export function credentialsOf(options: RequestOptions, user: User, document: JsonRecord): Credentials {
  const { Authorization: bearer, 'Impersonate-User': impersonated } = record(options.headers);
  const basic = options.auth ? `Basic ${Buffer.from(options.auth).toString('base64')}` : null;
  // A token read from a file ends with a line break.
  const authorization = text(bearer)?.trim() ?? basic;
  if (user.authProvider && authorization === null)
    throw new Failure(
      'cluster-credentials',
      `The kubeconfig's auth-provider ${String(record(user.authProvider)['name'])} gives no token: it has expired, or this provider is not known here. Log in again, or use an exec plugin or the token of a ServiceAccount.`,
      { retry: 'backoff' },
    );
  const [ca, cert, key, as] = [pem(options.ca), pem(options.cert), pem(options.key), text(impersonated)];
  const entry = record(records(document['users']).find(({ name }) => name === user.name)?.['user']);
  const groups = Array.isArray(entry['as-groups']) ? entry['as-groups'].map(String) : [];
  return {
    tls: {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(options.servername ? { servername: options.servername } : {}),
      ...(options.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
    },
    headers: {
      ...(authorization ? { authorization } : {}),
      ...(as ? { 'impersonate-user': as } : {}),
      ...(groups.length > 0 ? { 'impersonate-group': groups } : {}),
    },
  };
}

function pem(value: unknown): string | null {
  return Buffer.isBuffer(value) ? value.toString('utf8') : text(value);
}
