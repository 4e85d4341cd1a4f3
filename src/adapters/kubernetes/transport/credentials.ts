import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { Failure } from '../../../core/failure.ts';
import { createExecPlugin } from './exec-plugin.ts';
import type { Environment, ExecPlugin } from './exec-plugin.ts';
import type { ClusterAccess, ClusterEntry, UserEntry } from './kubeconfig.ts';

/** What makes a TLS connection ours. Two connections with the same are interchangeable. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: false;
}

export interface Credentials {
  readonly tls: TlsMaterial;
  /** Of each request: who we are, where the certificate doesn't say it. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Certificates and tokens as they are now: each file is read again, at most every ten seconds. */
export interface CredentialSource {
  /** @throws Failure('cluster-credentials') */
  readonly current: () => Promise<Credentials>;
  /** They did not work: the next ones are read anew; `refused` (401), a plugin is asked again too. */
  readonly renew: (why: 'unreachable' | 'refused') => void;
}

const freshMs = 10_000;

/** @param access is asked again with each reading, so that a new kubeconfig counts too; it may fail now and then. */
export function createCredentialSource(
  access: () => Promise<ClusterAccess>,
  environment: Environment = {},
  now: () => number = Date.now,
): CredentialSource {
  let plugin = createExecPlugin(environment, now);
  let reading: { readonly at: number; readonly result: Promise<Credentials> } | null = null;
  let last: Credentials | null = null;

  async function read(): Promise<Credentials> {
    try {
      const { cluster, user } = await access();
      last = await credentialsOf(cluster, user, plugin);
      return last;
    } catch (cause) {
      // A file that is just being replaced; what was there before may still be right.
      if (last !== null) return last;
      if (cause instanceof Failure) throw cause;
      const why = cause instanceof Error ? cause.message.trim() : String(cause);
      throw new Failure('cluster-credentials', `The credentials for the API server cannot be read: ${why}`, {
        retry: 'backoff',
        cause,
      });
    }
  }

  return {
    current: () => {
      if (reading === null || now() - reading.at >= freshMs) reading = { at: now(), result: read() };
      const { result } = reading;
      result.catch(() => {
        if (reading?.result === result) reading = null;
      });
      return result;
    },
    renew: (why) => {
      reading = null;
      if (why !== 'refused') return;
      plugin = createExecPlugin(environment, now);
      last = null;
    },
  };
}

async function credentialsOf(cluster: ClusterEntry, user: UserEntry, plugin: ExecPlugin): Promise<Credentials> {
  const ca = await pem(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const given = await fromPlugin(cluster, user, plugin);
  const cert = given.cert ?? (await pem(user['client-certificate-data'], user['client-certificate']));
  const key = given.key ?? (await pem(user['client-key-data'], user['client-key']));
  const servername = cluster['tls-server-name'];
  const authorization = given.authorization ?? (await authorizationOf(user));
  return {
    tls: {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(servername ? { servername } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
    },
    headers: {
      ...(authorization ? { authorization } : {}),
      ...(user.as ? { 'impersonate-user': user.as } : {}),
      ...(user['as-groups']?.length ? { 'impersonate-group': user['as-groups'] } : {}),
    },
  };
}

/** Data wins over a file, as with kubectl. */
async function pem(data: string | undefined, path: string | undefined): Promise<string | null> {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  return path ? readFile(path, 'utf8') : null;
}

async function authorizationOf(user: UserEntry): Promise<string | null> {
  const token = user.tokenFile ? (await readFile(user.tokenFile, 'utf8')).trim() : user.token;
  if (token) return `Bearer ${token}`;
  if (user.username === undefined) return null;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
}

type Given = Readonly<Partial<Record<'cert' | 'key' | 'authorization', string>>>;

/** An exec plugin, or one of the older providers that the client knows (oidc, azure, gcp). */
async function fromPlugin(cluster: ClusterEntry, user: UserEntry, plugin: ExecPlugin): Promise<Given> {
  if (user.exec) {
    const { token, clientCertificateData: cert, clientKeyData: key } = await plugin.status(cluster, user.exec);
    return {
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
  }
  const provider = user['auth-provider'];
  if (provider === undefined) return {};
  // All of the client and its generated types: only for whoever still has such a provider.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: cluster.server, skipTLSVerify: true },
    { name: 'user', authProvider: provider },
  );
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = new Headers(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]));
  const authorization = headers.get('authorization');
  if (authorization !== null) return { authorization };
  throw new Failure(
    'cluster-credentials',
    `The kubeconfig's auth-provider ${provider.name} gives no token: it has expired, or this provider is not known here. Log in again, or use an exec plugin or the token of a ServiceAccount.`,
    { retry: 'backoff' },
  );
}
