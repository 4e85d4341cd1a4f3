import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { completed, credentialsOf, joined, mendExec, usualPatienceMs } from './client-workarounds.ts';
import { contentsOf } from './credentials.ts';
import type { Account } from './credentials.ts';

/**
 * Our credentials for a cluster and its address, as read by the KubeConfig of @kubernetes/client-node. The library is loaded here
 * and not before, since it takes 85 MB.
 * @param kubeconfig a path, or several as in a PATH; empty = `~/.kube/config`, else this pod's account
 * @param root below which the files of a pod's account lie
 * @throws Failure('no-kubeconfig')
 */
export async function loadKubeconfig(
  kubeconfig: string,
  root = '',
  patienceMs: number = usualPatienceMs,
): Promise<Account> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const paths = pathsOf(kubeconfig);
  const document = joined(await Promise.all(paths.map(readOne)));
  if (paths.length === 0) config.loadFromCluster(root);
  else await orNoKubeconfig(kubeconfig, () => config.loadFromString(JSON.stringify(document)));
  const cluster = config.getCurrentCluster();
  // Without any user the library leaves out the cluster's authority too.
  if (cluster && !config.getCurrentUser()) config.loadFromClusterAndUser(cluster, { name: 'nobody' });
  const user = config.getCurrentUser();
  const tokenFile = text(record(record(user?.authProvider)['config'])['tokenFile']) ?? undefined;
  // Outside of a pod the library builds an address from variables that are not set.
  if (paths.length === 0 && !(URL.canParse(cluster?.server ?? '') && existsSync(tokenFile ?? '')))
    throw new Failure(
      'no-kubeconfig',
      'There is no kubeconfig: KUBECONFIG is not set, ~/.kube/config does not exist, and this is no pod with a service account.',
    );
  if (!cluster || !user)
    throw new Failure('no-kubeconfig', 'The kubeconfig names no current cluster; set KUBECONFIG or choose a context.');
  // A token is sent with each request. The library refuses that too, but not behind a proxy.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify)
    throw new Failure(
      'no-kubeconfig',
      `The kubeconfig names ${cluster.server}, which is not encrypted; if that is meant, set insecure-skip-tls-verify.`,
    );
  const failureOf = mendExec(config, cluster, user, patienceMs);
  const named = [cluster.caFile, user.certFile, user.keyFile, tokenFile].filter((path) => path !== undefined);
  const files = [...paths, ...named];
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl || null,
    files,
    contents: await contentsOf(files),
    isFixed: !user.exec && (!user.authProvider || tokenFile !== undefined),
    credentials: async () => {
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (cause) {
        throw failureOf(cause);
      }
      return credentialsOf(options, user, document);
    },
  };
}

/**
 * The namespace of the current context, `default` where it names none; in a pod that of its account.
 * @throws as `loadKubeconfig`
 */
export async function contextNamespace(kubeconfig: string, root = ''): Promise<string> {
  const paths = pathsOf(kubeconfig);
  const document = joined(await Promise.all(paths.map(readOne)));
  const context = records(document['contexts']).find(({ name }) => name === document['current-context']);
  const named = text(record(context?.['context'])['namespace']);
  if (named !== null || paths.length > 0) return named ?? 'default';
  const own = await readFile(join(root, '/var/run/secrets/kubernetes.io/serviceaccount/namespace'), 'utf8').catch(
    () => '',
  );
  return own.trim() || 'default';
}

/** Parsed it takes fifty times as much, and the watcher reads it in a child with 64 MB. */
const mostBytes = 2 * 2 ** 20;

function pathsOf(kubeconfig: string): readonly string[] {
  // A path that exists is one file, whatever is in its name.
  if (kubeconfig !== '') return existsSync(kubeconfig) ? [kubeconfig] : kubeconfig.split(delimiter).filter(Boolean);
  const usual = join(homedir(), '.kube', 'config');
  return existsSync(usual) ? [usual] : [];
}

async function readOne(path: string): Promise<JsonRecord> {
  if (!existsSync(path))
    throw new Failure('no-kubeconfig', `There is no kubeconfig at ${path}; set KUBECONFIG to one that exists.`);
  const { size } = await stat(path);
  if (size > mostBytes)
    throw new Failure(
      'no-kubeconfig',
      `The kubeconfig ${path} is larger than ${mostBytes / 2 ** 20} MiB; write the one context that is needed to a file of its own, by kubectl config view --minify --flatten, and set KUBECONFIG to it.`,
    );
  const { parse } = await import('yaml');
  return orNoKubeconfig(path, async () => {
    const document: unknown = parse(await readFile(path, 'utf8'));
    if (document === null) throw new Error('it is empty');
    return completed(record(document), dirname(resolve(path)));
  });
}

async function orNoKubeconfig<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    // The parser's message ends with an excerpt of the file, which may hold a token.
    const [words] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new Failure('no-kubeconfig', `The kubeconfig ${path} cannot be read: ${words}`, { cause });
  }
}
