import { createClock } from '../../../sandbox/clock.ts';
import type { RepositorySeed } from '../../../sandbox/github/github-state.ts';
import { type Github, type GithubOptions, startGithub } from '../../../sandbox/github/start-github.ts';
import { createForge, type ForgeOptions } from '../../../src/adapters/github/forge.ts';
import { editManifest } from '../../../src/core/remediate/edit/edit-manifest.ts';
import { fileChange } from '../../../src/core/remediate/edit/file-change.ts';
import type { ManifestEdit } from '../../../src/core/remediate/edit/manifest-edit.ts';
import type { Source } from '../../../src/core/remediate/source.ts';
import { branchOf, renderPullRequest } from '../../../src/core/talk/pull-request.ts';
import type { Proposal } from '../../../src/flow/forge/needs.ts';
import { aKill, aLoaded, anExplanation, aPlan } from '../../fixtures/incidents.ts';
import { deployment, Mi, resources, toMore } from '../../fixtures/manifests.ts';

export const repo = 'shop/infra';
export const path = 'apps/checkout.yaml';
export const manifest = deployment(resources);
export const source: Source = { owner: 'shop', repo: 'infra', path, branch: null };
export const branch = branchOf(aKill().subject);
export const wanted = manifest.replace('512Mi', '640Mi').replace('256Mi', '640Mi');
export const cart = deployment(resources, 'cart');

export interface ForgeWorld {
  readonly github: Github;
  readonly forge: ReturnType<typeof createForge>;
  readonly forgeWith: (options: Partial<ForgeOptions>) => ReturnType<typeof createForge>;
  /** Constant messages of what was logged as a warning. */
  readonly warnings: readonly string[];
  readonly pulls: () => ReturnType<Github['control']['pulls']>;
  /** The file on a branch, the default branch unless told. */
  readonly fileAt: (ref?: string, at?: string) => string | undefined;
  /** Operations that change something, in order, as they were asked for. */
  readonly writes: () => readonly (string | undefined)[];
}

const world: { readonly close: () => Promise<void> }[] = [];

/** A pretended GitHub with `shop/infra`, and a forge that asks it without pausing between writes. */
export async function startForgeWorld(
  changes: Partial<RepositorySeed> = {},
  options: Partial<GithubOptions> = {},
): Promise<ForgeWorld> {
  const files = { [path]: manifest, 'README.md': '# shop\n' };
  const github = await startGithub({
    clock: createClock(),
    log: { error: () => undefined },
    repositories: [{ owner: 'shop', repo: 'infra', files, ...changes }],
    ...options,
  });
  world.push(github);
  const warnings: string[] = [];
  const log = { debug: () => undefined, warn: (_: object, message: string) => void warnings.push(message) };
  const forgeWith = (forgeOptions: Partial<ForgeOptions>) =>
    createForge({
      baseUrl: github.apiUrl,
      auth: { token: github.token },
      deadlineMs: 60_000,
      now: () => Date.now(),
      log,
      pace: 'none',
      ...forgeOptions,
    });
  return {
    github,
    forge: forgeWith({}),
    forgeWith,
    warnings,
    pulls: () => github.control.pulls(repo),
    fileAt: (ref, at = path) => github.control.files(repo, ref)[at],
    writes: () =>
      github
        .requestLog()
        .filter(({ method, operation }) => method !== 'GET' && operation !== 'apps/create-installation-access-token')
        .map(({ operation }) => operation),
  };
}

export async function closeForgeWorlds(): Promise<void> {
  await Promise.all(world.splice(0).map(({ close }) => close()));
}

/** What the worker proposes for a plan of a file; each size is a plan of its own. */
export function proposalOf(
  limitMi = 640,
  changes: Partial<Proposal> = {},
  file: { readonly text?: string; readonly at?: string } = {},
): Proposal {
  const to = { limitBytes: limitMi * Mi, requestBytes: limitMi * Mi };
  const plan = aPlan({ id: `PLAN-${String(limitMi).padStart(6, '0')}`, to, means: ['pull-request'], source });
  const edit: ManifestEdit = { ...toMore, to };
  const approved = approvalOf(file.text ?? manifest, edit, file.at ?? changes.source?.path ?? path);
  const words = renderPullRequest(aLoaded({ explained: anExplanation() }), plan, null);
  return { source, edit, approved, branch, ...words, mayWrite: async () => undefined, ...changes };
}

/** What an approval of the edit of this file is bound to; '' where the file cannot be edited. */
function approvalOf(text: string, edit: ManifestEdit, at = path): string {
  const change = editManifest(text, edit);
  return change.ok ? fileChange(at, text, change.pieces).hash : '';
}
