import { afterEach, expect, test } from 'vitest';
import type { Proposal } from '../../../src/flow/forge/needs.ts';
import { branchOf, renderPullRequest } from '../../../src/core/talk/pull-request.ts';
import { aKill, aLoaded, anExplanation, aPlan } from '../../fixtures/incidents.ts';
import { Mi, toMore } from '../../fixtures/manifests.ts';
import { closeForgeWorlds, manifest, path, proposalOf, repo, source, startForgeWorld, wanted } from './forge-world.ts';
import type { ForgeWorld } from './forge-world.ts';

/* What a pull request of ours brought in is taken back by another one, on a branch of its own. */
afterEach(closeForgeWorlds);

const follows = { plan: proposalOf().approved.slice(0, 6), as: 'undo' as const };
const branch = branchOf(aKill().subject, follows);

/** A world in which a pull request of ours was merged, and others may have pushed since. */
async function merged(others?: (text: string) => string): Promise<ForgeWorld> {
  const world = await startForgeWorld();
  await world.forge.propose(proposalOf());
  world.github.control.merge({ repo, number: 1, user: 'lena' });
  if (others) world.github.control.push({ repo, files: { [path]: others(wanted) } });
  return world;
}

const undoes = { pullRequest: 1, approved: proposalOf().approved };

/** The undo as the worker proposes it, bound to what is shown now. */
async function undoOf({ forge }: ForgeWorld): Promise<Proposal> {
  const { hash } = await forge.preview(source, toMore, undoes);
  const plan = aPlan({
    id: 'PLAN-00BACK',
    follows,
    from: { limitBytes: 640 * Mi, requestBytes: 640 * Mi },
    to: { limitBytes: 512 * Mi, requestBytes: 256 * Mi },
    means: ['pull-request'],
    source,
  });
  const words = renderPullRequest(aLoaded({ explained: anExplanation() }), plan, null);
  return { source, edit: toMore, undoes, approved: hash, branch, ...words, mayWrite: async () => undefined };
}

test('the file is what it was, but for what others have changed since', async () => {
  const others = (text: string): string => `# ours\n${text.replace('shop:1.4', 'shop:1.5')}`;
  const world = await merged(others);

  const opened = await world.forge.propose(await undoOf(world));

  expect(opened).toMatchObject({ number: 2, state: 'open' });
  expect(world.fileAt(branch)).toBe(others(manifest));
  expect(world.pulls()[1]).toMatchObject({ head: branch, title: expect.stringContaining('Undo limit 640Mi') });
});

test('what is shown are the lines that change, and the values that the file has again', async () => {
  const { forge } = await merged();

  const preview = await forge.preview(source, toMore, undoes);

  expect(preview.diff).toContain('memory: 640Mi\n+              memory: 512Mi');
  expect(preview).toMatchObject({ before: { limit: '640Mi' }, restores: { limit: '512Mi', request: '256Mi' } });
});

test('clicked twice, and again after its merge, there is one pull request', async () => {
  const world = await merged();
  const undo = await undoOf(world);

  await Promise.all([world.forge.propose(undo), world.forge.propose(undo)]);
  world.github.control.merge({ repo, number: 2, user: 'lena' });
  const again = await world.forge.propose(undo);

  expect(again).toMatchObject({ number: 2, state: 'merged' });
  expect(world.pulls()).toHaveLength(2);
  expect(world.fileAt()).toBe(manifest);
});

test('lines that somebody has changed since are left alone, before and after the approval', async () => {
  const world = await merged();
  const undo = await undoOf(world);
  world.github.control.push({ repo, files: { [path]: wanted.replace('640Mi', '800Mi') } });

  await expect(world.forge.preview(source, toMore, undoes)).rejects.toMatchObject({ code: 'source-changed-since' });
  await expect(world.forge.propose(undo)).rejects.toMatchObject({ code: 'source-changed-since', retry: 'never' });
  expect(world.pulls()).toHaveLength(1);
});

test('a pull request that others have made another one of is not undone', async () => {
  const world = await startForgeWorld();
  await world.forge.propose(proposalOf());
  world.github.control.push({
    repo,
    branch: world.pulls()[0]?.head ?? '',
    files: { [path]: wanted.replace('640Mi', '700Mi') },
  });
  world.github.control.merge({ repo, number: 1, user: 'lena' });

  await expect(world.forge.preview(source, toMore, undoes)).rejects.toMatchObject({ code: 'source-changed-since' });
});

test('one that is not merged cannot be undone', async () => {
  const world = await startForgeWorld();
  await world.forge.propose(proposalOf());

  await expect(world.forge.preview(source, toMore, undoes)).rejects.toMatchObject({ code: 'source-changed-since' });
});
