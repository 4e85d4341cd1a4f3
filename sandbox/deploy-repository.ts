import type { SandboxClock } from './clock.ts';
import { startGitops } from './github/gitops.ts';
import type { Github } from './github/start-github.ts';
import type { ClusterActions } from './kubernetes/cluster/actions.ts';
import { isObject, objectOf, textOf } from './kubernetes/objects/json-value.ts';
import type { NewObject } from './kubernetes/objects/object-store.ts';
import { deployRepository } from './scenario/scenario-workload.ts';

/** Virtual ms between two looks of the GitOps controller: as soon as with a webhook. */
const lookEveryMs = 20_000;
/** What Argo CD calls itself in managedFields. */
const manager = 'argocd-controller';
const reviewer = 'lena';

/** The repository that workloads are deployed from, and the controller that keeps the cluster like it. */
export interface DeployRepository {
  /** Puts a file into it; from then on its changes are carried over, in the story's own time. */
  readonly plant: (path: string, text: string, clock: SandboxClock) => void;
  /** Merges or closes the newest open pull request that changes this file. False while there is none. */
  readonly end: (how: 'merge' | 'close', path: string) => boolean;
  readonly close: () => void;
}

export interface DeployRepositoryOptions {
  readonly github: Pick<Github, 'control'>;
  readonly cluster: Pick<ClusterActions, 'sync'>;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export function createDeployRepository({ github, cluster, log }: DeployRepositoryOptions): DeployRepository {
  const { owner, repo: name, branch } = deployRepository;
  const repo = `${owner}/${name}`;
  const stops: (() => void)[] = [];
  const { control } = github;

  function plant(path: string, text: string, clock: SandboxClock): void {
    const pushed = control.push({ repo, branch, files: { [path]: text }, message: `Add ${path}` });
    if (!pushed.ok) throw new Error(`${repo} ${path}: ${pushed.error}`);
    // NOTE: a controller for each file, or one story's merge would undo what another has changed by hand.
    const stop = startGitops({
      github,
      repo,
      branch,
      path,
      apply: (manifest) => {
        cluster.sync(readManifest(manifest), manager);
      },
      clock,
      intervalMs: lookEveryMs,
      log: {
        error: (fields, message) => {
          log(message, { ...fields });
        },
      },
    });
    stops.push(stop);
  }

  function end(how: 'merge' | 'close', path: string): boolean {
    const pull = control.openPull(repo, path);
    return pull !== undefined && control[how]({ repo, number: pull.number, user: reviewer }).ok;
  }

  return {
    plant,
    end,
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Throws for a manifest that no API server would take. */
function readManifest(manifest: Readonly<Record<string, unknown>>): NewObject {
  const { apiVersion, kind, metadata, ...rest } = manifest;
  const { name, ...others } = objectOf(metadata);
  const [version, type, called] = [textOf(apiVersion), textOf(kind), textOf(name)];
  if (version === undefined || type === undefined || called === undefined || !isObject(metadata)) {
    throw new Error('a manifest needs apiVersion, kind and metadata.name');
  }
  const { namespace } = others;
  return {
    ...rest,
    apiVersion: version,
    kind: type,
    metadata: { ...others, name: called, namespace: textOf(namespace) ?? 'default' },
  };
}
