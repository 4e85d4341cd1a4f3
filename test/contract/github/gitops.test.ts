import { expect, onTestFinished, test } from 'vitest';
import { startGitops } from '../../../sandbox/github/gitops.ts';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { openRaise, raised, startTestGithub } from './github-world.ts';

const repo = 'acme/shop';
const path = 'apps/checkout.yaml';

async function follow(apply: (kind: string) => void = () => undefined) {
  const clock = createHandClock(Date.now());
  const github = await startTestGithub({ clock });
  const applied: string[] = [];
  const troubles: string[] = [];
  const stop = startGitops({
    github,
    clock,
    intervalMs: 60_000,
    repo,
    branch: 'main',
    path,
    log: { error: (_, message) => troubles.push(message) },
    apply: ({ kind }) => {
      apply(String(kind));
      applied.push(String(kind));
    },
  });
  onTestFinished(stop);
  return { clock, github, applied, troubles, stop };
}

test('the GitOps controller applies all manifests of its file after a merge, once, at its next look', async () => {
  const { applied, clock, github } = await follow();
  const number = await openRaise(github.person);
  github.control.push({ repo, files: { 'other.yaml': raised } });
  await clock.advance(120_000);
  const whileOpen = [...applied];

  github.control.merge({ repo, number, user: 'amira' });
  await clock.advance(59_000);
  const tooEarly = [...applied];
  await clock.advance(121_000);

  expect([whileOpen, tooEarly]).toEqual([[], []]);
  expect(applied).toEqual(['Deployment', 'Service']);
});

test('a pull request changes what its branch changed, not what was changed elsewhere since it began', async () => {
  const { github } = await follow();
  const number = await openRaise(github.person);

  github.control.push({ repo, files: { 'README.md': '# Shop\n' } });

  expect(github.control.openPull(repo, 'README.md')).toBeUndefined();
  expect(github.control.openPull(repo, path)?.number).toBe(number);
});

test('what is no YAML, or is refused by the cluster, is tried again at every look', async () => {
  let refusals = 2;
  const { applied, clock, github, stop, troubles } = await follow(() => {
    refusals -= 1;
    if (refusals >= 0) throw new Error('the quota is used up');
  });

  github.control.push({ repo, files: { [path]: 'a: [\n' } });
  await clock.advance(60_000);
  github.control.push({ repo, files: { [path]: raised } });
  await clock.advance(180_000);
  stop();

  expect(troubles).toHaveLength(3);
  expect(applied).toEqual(['Deployment', 'Service']);
  expect(clock.pending()).toBe(0);
});
