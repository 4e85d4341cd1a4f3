import { describe, expect, onTestFinished, test } from 'vitest';
import { type GitopsOptions, manifestsIn, startGitops } from '../../../sandbox/github/gitops.ts';
import { createHandClock, type HandClock } from '../../../sandbox/hand-clock.ts';
import { manifest, openRaise, raised, startTestGithub, type TestGithub } from './github-world.ts';

const source = { repo: 'acme/shop', branch: 'main', path: 'apps' };

interface Followed {
  readonly clock: HandClock;
  readonly github: TestGithub;
  readonly gitops: ReturnType<typeof startGitops>;
  /** What was applied, as `Kind/name limit`. */
  readonly applied: string[];
}

async function follow(options: Partial<GitopsOptions> = {}): Promise<Followed> {
  const clock = createHandClock(Date.now());
  const github = await startTestGithub({ clock });
  const applied: string[] = [];
  const gitops = startGitops({
    github,
    clock,
    intervalMs: 60_000,
    sources: [source],
    log: { error: () => undefined },
    apply: (object) => {
      const limit = /"memory":"(\w+)"/.exec(JSON.stringify(object))?.[1] ?? '';
      applied.push(`${String(object['kind'])} ${limit}`.trim());
    },
    ...options,
  });
  onTestFinished(gitops.close);
  return { clock, github, gitops, applied };
}

describe('the GitOps controller', () => {
  test('applies all manifests of its path after a merge, once, at its next look', async () => {
    const { applied, clock, github, gitops } = await follow();
    const merged: unknown[] = [];
    github.onMerge((event) => merged.push(event));
    await clock.advance(120_000);
    const atFirst = [...applied];
    const number = await openRaise(github.person);
    await clock.advance(60_000);
    const whileOpen = [...applied];

    github.control.merge({ repo: 'acme/shop', number, user: 'amira' });
    await clock.advance(59_000);
    const tooEarly = [...applied];
    await clock.advance(1_000);
    await clock.advance(120_000);

    expect([atFirst, whileOpen, tooEarly]).toEqual([[], [], []]);
    expect(applied).toEqual(['Deployment 512Mi', 'Service']);
    expect(gitops.status()).toMatchObject([{ ...source, syncs: 1, error: null }]);
    expect(merged).toEqual([
      {
        repo: 'acme/shop',
        branch: 'main',
        number,
        commit: expect.stringMatching(/^[0-9a-f]{40}$/),
        changedFiles: ['apps/checkout.yaml'],
      },
    ]);
  });

  test('looks at its own path and branch only', async () => {
    const { applied, clock, github } = await follow();

    github.control.push({ repo: 'acme/shop', files: { 'README.md': 'new\n', 'other/x.yaml': raised } });
    github.control.push({ repo: 'acme/shop', branch: 'other', files: { 'apps/checkout.yaml': raised } });
    github.control.push({ repo: 'acme/shop', files: { 'apps/notes.txt': 'no manifest' } });
    await clock.advance(120_000);

    expect(applied).toEqual([]);
  });

  test('a file that is no YAML changes nothing, is named, and is tried again when it was mended', async () => {
    const { applied, clock, github, gitops } = await follow();

    github.control.push({ repo: 'acme/shop', files: { 'apps/checkout.yaml': 'a: [\n' } });
    await clock.advance(60_000);
    const broken = gitops.status()[0];
    github.control.push({ repo: 'acme/shop', files: { 'apps/checkout.yaml': raised } });
    await clock.advance(60_000);

    expect(broken).toMatchObject({ syncs: 0, error: expect.stringContaining('apps/checkout.yaml') });
    expect(applied).toEqual(['Deployment 512Mi', 'Service']);
    expect(gitops.status()).toMatchObject([{ syncs: 1, error: null }]);
  });

  test('what the cluster refuses is tried again at every look', async () => {
    let refusals = 2;
    const { clock, github, gitops } = await follow({
      apply: async () => {
        if (refusals === 0) return;
        refusals -= 1;
        throw new Error('the quota is used up');
      },
    });

    github.control.push({ repo: 'acme/shop', files: { 'apps/checkout.yaml': raised } });
    await clock.advance(60_000);
    const first = gitops.status()[0];
    await clock.advance(120_000);

    expect(first).toMatchObject({ syncs: 0, error: 'the quota is used up' });
    expect(gitops.status()).toMatchObject([{ syncs: 1, error: null }]);
  });

  test('stops when it is closed', async () => {
    const { applied, clock, github, gitops } = await follow();

    gitops.close();
    github.control.push({ repo: 'acme/shop', files: { 'apps/checkout.yaml': raised } });
    await clock.advance(300_000);

    expect([applied, clock.pending()]).toEqual([[], 0]);
  });

  test.each([
    ['every document of a file', manifest, ['Deployment', 'Service']],
    [
      'the items of a List',
      `apiVersion: v1\nkind: List\nitems:\n  - ${JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } })}\n`,
      ['Pod'],
    ],
    [
      'no kustomization',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  name: x\n',
      [],
    ],
    ['no values of a chart', 'resources:\n  limits:\n    memory: 1Gi\n', []],
    ['nothing of an empty file', '---\n# nothing\n', []],
  ])('reads %s', (_, text, kinds) => {
    expect(manifestsIn('file.yaml', text).map(({ kind }) => kind)).toEqual(kinds);
  });
});
