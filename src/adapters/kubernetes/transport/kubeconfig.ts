import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';

/*
 * The parts of a kubeconfig that say how to reach one cluster. Read here and not by @kubernetes/client-node, because
 * that knows no `tokenFile`, reads a file only once, and loads 85 MB of generated types to do so.
 */

const clusterSchema = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});
const userSchema = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  as: z.string().optional(),
  'as-groups': z.array(z.string()).optional(),
  exec: z
    .object({
      apiVersion: z.string().optional(),
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
      provideClusterInfo: z.boolean().optional(),
      interactiveMode: z.string().optional(),
      installHint: z.string().optional(),
    })
    .optional(),
  'auth-provider': z.looseObject({ name: z.string() }).optional(),
});
const contextSchema = z.object({ cluster: z.string(), user: z.string().optional() });
const fileSchema = z.object({
  'current-context': z.string().nullish(),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: contextSchema })).nullish(),
});

export type ClusterEntry = z.output<typeof clusterSchema>;
export type UserEntry = z.output<typeof userSchema>;
type KubeconfigFile = z.output<typeof fileSchema>;

/** One cluster and who we are there. Paths in it are absolute. */
export interface ClusterAccess {
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

/**
 * What the current context of these files names. They are joined as kubectl does: the first file that sets something
 * wins. @throws Failure('no-kubeconfig')
 */
export async function readKubeconfig(paths: readonly string[]): Promise<ClusterAccess> {
  const files: KubeconfigFile[] = [];
  for (const path of paths) files.push(await readOne(path));
  const current = files.map((file) => file['current-context']).find(Boolean);
  const context = find(
    files.flatMap(({ contexts }) => contexts ?? []),
    current,
  )?.context;
  const cluster = find(
    files.flatMap(({ clusters }) => clusters ?? []),
    context?.cluster,
  )?.cluster;
  if (cluster === undefined)
    throw new Failure('no-kubeconfig', 'The kubeconfig names no current cluster; set KUBECONFIG or choose a context.');
  return {
    cluster,
    user:
      find(
        files.flatMap(({ users }) => users ?? []),
        context?.user,
      )?.user ?? {},
  };
}

function find<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string | null | undefined,
): Entry | undefined {
  return entries.find((entry) => entry.name === name);
}

async function readOne(path: string): Promise<KubeconfigFile> {
  if (!existsSync(path))
    throw new Failure('no-kubeconfig', `There is no kubeconfig at ${path}; set KUBECONFIG to one that exists.`);
  try {
    // Not loaded inside of a cluster, where there is no YAML to read: it takes 12 MB.
    const { parse } = await import('yaml');
    const parsed: unknown = parse(await readFile(path, 'utf8'));
    if (parsed === null) throw new Error('it is empty');
    const file = fileSchema.parse(typeof parsed === 'object' ? parsed : {});
    return withAbsolutePaths(file, dirname(resolve(path)));
  } catch (cause) {
    throw new Failure('no-kubeconfig', `The kubeconfig ${path} cannot be read: ${wordsOf(cause)}`, { cause });
  }
}

function wordsOf(cause: unknown): string {
  if (cause instanceof z.ZodError)
    return cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  // A parser's words end with a picture of the place.
  const [words = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return words;
}

const pathsOfCluster = ['certificate-authority'] as const;
const pathsOfUser = ['client-certificate', 'client-key', 'tokenFile'] as const;

/** Relative paths are relative to the file that names them. */
function withAbsolutePaths(file: KubeconfigFile, folder: string): KubeconfigFile {
  for (const { cluster } of file.clusters ?? []) {
    for (const key of pathsOfCluster) if (cluster[key]) cluster[key] = resolve(folder, cluster[key]);
  }
  for (const { user } of file.users ?? []) {
    for (const key of pathsOfUser) if (user?.[key]) user[key] = resolve(folder, user[key]);
    // A command with a slash is a path, one without is looked for in PATH.
    if (user?.exec?.command.includes('/')) user.exec.command = resolve(folder, user.exec.command);
  }
  return file;
}
