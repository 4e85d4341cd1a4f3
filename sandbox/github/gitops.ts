import { parseAllDocuments } from 'yaml';
import type { SandboxClock } from '../clock.ts';
import { isObject, type JsonObject } from '../slack/json.ts';
import type { Log } from '../slack/log.ts';
import type { Github } from './start-github.ts';

export interface GitopsOptions {
  readonly github: Pick<Github, 'control'>;
  /** `owner/name`. */
  readonly repo: string;
  readonly branch: string;
  /** The file whose objects the cluster is kept equal to. */
  readonly path: string;
  /** Brings one object of the cluster to what its manifest says; throws where the cluster refuses it. */
  readonly apply: (manifest: JsonObject) => void;
  readonly clock: SandboxClock;
  /** Virtual ms between two looks. */
  readonly intervalMs: number;
  readonly log: Log;
}

/**
 * A GitOps controller reduced to what matters here: it looks at its file every so often and, where it has changed since
 * it was last carried over, applies *all* its manifests. So a change made by hand in the cluster stays until the next
 * commit, and is gone then. What it finds at its start counts as applied. A file that cannot be read or an object that
 * is refused leaves it out of sync, and it tries again at every look. Returns what ends it.
 */
export function startGitops({ apply, branch, clock, github, intervalMs, log, path, repo }: GitopsOptions): () => void {
  const textNow = (): string | undefined => github.control.files(repo, branch)[path];
  let known = textNow();
  let cancel = clock.after(intervalMs, look);

  function look(): void {
    cancel = clock.after(intervalMs, look);
    const text = textNow();
    if (text === known) return;
    try {
      for (const manifest of manifestsIn(text ?? '')) apply(manifest);
      known = text;
    } catch (error) {
      log.error({ repo, path, err: error }, 'the GitOps controller is out of sync');
    }
  }

  return () => cancel();
}

/** Throws where it is no YAML. */
function manifestsIn(text: string): readonly JsonObject[] {
  return parseAllDocuments(text).flatMap((document): readonly JsonObject[] => {
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    const value: unknown = document.toJS();
    return isObject(value) ? [value] : [];
  });
}
