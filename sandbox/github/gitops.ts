import { parseAllDocuments } from 'yaml';
import type { SandboxClock } from '../clock.ts';
import { isObject, type JsonObject, textAt } from '../slack/json.ts';
import type { Log } from '../slack/log.ts';
import type { Github } from './start-github.ts';

/** What is kept equal to the cluster: the plain manifests at a path of a branch. */
export interface GitopsSource {
  /** `owner/name`. */
  readonly repo: string;
  readonly branch: string;
  /** A file, or a folder of which every `.yaml`, `.yml` and `.json` counts. */
  readonly path: string;
}

export interface GitopsSync extends GitopsSource {
  /** ms UTC of the last look that found a change; null before the first. */
  readonly syncedAt: number | null;
  /** How many changes were carried over completely. */
  readonly syncs: number;
  /** Why the last change could not be carried over; null where it was. */
  readonly error: string | null;
}

export interface GitopsOptions {
  readonly github: Pick<Github, 'control'>;
  readonly sources: readonly GitopsSource[];
  /** Brings one object of the cluster to what its manifest says; rejects where the cluster refuses it. */
  readonly apply: (manifest: JsonObject, source: GitopsSource) => void | Promise<void>;
  readonly clock: SandboxClock;
  /** Virtual ms between two looks; Argo CD's 3 min by default. */
  readonly intervalMs?: number;
  readonly log: Log;
}

export interface Gitops {
  readonly status: () => readonly GitopsSync[];
  readonly close: () => void;
}

interface Watched {
  readonly source: GitopsSource;
  /** What was carried over last, by path; the start counts as carried over. */
  known: string;
  syncedAt: number | null;
  syncs: number;
  error: string | null;
}

const defaultIntervalMs = 180_000;

/**
 * A GitOps controller reduced to what matters here: it looks at its sources every so often and, where the files have
 * changed since it last carried them over, applies *all* their manifests. So a change made by hand in the cluster stays
 * until the next commit, and is gone then. What it finds at its start counts as applied. A file that can't be read or an
 * object that is refused leaves the source out of sync, and it tries again at every look. Kustomize overlays and Helm
 * charts are not rendered.
 */
export function startGitops({ apply, clock, github, log, sources, ...options }: GitopsOptions): Gitops {
  const intervalMs = options.intervalMs ?? defaultIntervalMs;
  const watched = sources.map((source): Watched => ({
    source,
    known: snapshot(source),
    syncedAt: null,
    syncs: 0,
    error: null,
  }));
  let cancel = clock.after(intervalMs, look);
  let isClosed = false;

  function filesOf({ branch, path, repo }: GitopsSource): readonly (readonly [string, string])[] {
    const folder = `${path.replace(/\/+$/, '')}/`;
    return Object.entries(github.control.files(repo, branch)).filter(
      ([file]) => file === path || ((path === '' || file.startsWith(folder)) && /\.(?:ya?ml|json)$/.test(file)),
    );
  }

  function snapshot(source: GitopsSource): string {
    return JSON.stringify(filesOf(source));
  }

  function look(): void {
    void Promise.all(watched.map(sync)).then(() => {
      if (!isClosed) cancel = clock.after(intervalMs, look);
    });
  }

  async function sync(one: Watched): Promise<void> {
    const now = snapshot(one.source);
    if (now === one.known) return;
    one.syncedAt = clock.now();
    try {
      const manifests = filesOf(one.source).flatMap(([file, text]) => manifestsIn(file, text));
      for (const manifest of manifests) await apply(manifest, one.source);
      Object.assign(one, { known: now, error: null, syncs: one.syncs + 1 });
    } catch (error) {
      one.error = error instanceof Error ? error.message : String(error);
      log.error({ source: one.source, err: error }, 'the GitOps controller is out of sync');
    }
  }

  return {
    status: () => watched.map(({ error, source, syncedAt, syncs }) => ({ ...source, syncedAt, syncs, error })),
    close: () => {
      isClosed = true;
      cancel();
    },
  };
}

/** The objects of a file with any number of YAML documents. Throws, with the file's name, where it is no YAML. */
export function manifestsIn(file: string, text: string): readonly JsonObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
    const value: unknown = document.toJS();
    const items =
      isObject(value) && value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'] : [value];
    return items.filter(isObject).filter(isManifest);
  });
}

/** NOTE: a kustomization or the values of a chart are files of the same folder and no objects of a cluster. */
function isManifest(value: JsonObject): boolean {
  const metadata = value['metadata'];
  return (
    textAt(value, 'apiVersion')?.startsWith('kustomize.config.k8s.io/') === false &&
    textAt(value, 'kind') !== undefined &&
    isObject(metadata) &&
    textAt(metadata, 'name') !== undefined
  );
}
