import { expect, test } from 'vitest';
import { Failure } from '../../../../src/core/failure.ts';
import type { ManifestEdit } from '../../../../src/core/remediate/edit/manifest-edit.ts';
import type { Forge, Proposal, PullRequest } from '../../../../src/flow/forge/needs.ts';
import { paceForge } from '../../../../src/flow/forge/pace-forge.ts';
import { Mi } from '../../../fixtures/incidents.ts';

const second = 1_000;
const source = { owner: 'acme', repo: 'deploy', path: 'apps/shop.yaml', branch: 'main' };
const other = { ...source, owner: 'umbrella' };
const size = { limitBytes: 640 * Mi, requestBytes: 640 * Mi };
const edit: ManifestEdit = { kind: 'Deployment', name: 'a', namespace: 'shop', container: 'app', to: size, env: [] };
const mayWrite = async (): Promise<void> => undefined;
const proposal: Proposal = { source, edit, approved: '', branch: 'oomkeeper/a', title: '', body: '', mayWrite };
const before = { limit: null, request: null, variables: [] };
const pull: PullRequest = { number: 12, url: 'https://forge.test/12', state: 'open', by: null, at: null };

/** A forge that counts what it is asked, and a clock that a test moves. */
function aPacedForge() {
  const world = { now: 0, asked: [] as string[], broken: null as Failure | null };
  const answer = async <T>(what: string, value: T): Promise<T> => {
    world.asked.push(what);
    if (world.broken) throw world.broken;
    return value;
  };
  const forge: Forge = {
    preview: (from) => answer(`preview ${from.owner}`, { diff: '', hash: '', branch: 'main', before }),
    propose: () => answer('propose', pull),
    look: (from, number) => answer(`look ${from.owner} ${number}`, pull),
    lastChange: (from, until) => answer(`change ${from.path} ${until}`, null),
  };
  return { world, forge: paceForge(forge, { checkEveryMs: 15 * second, now: () => world.now }) };
}

test('a kill every ten seconds makes nobody look at a pull request more often than the pace allows', async () => {
  const { world, forge } = aPacedForge();
  const waits: number[] = [];
  for (; world.now < 60 * second; world.now += 10 * second) {
    const seen = await forge.look(source, 12);
    if (seen.state === 'too-soon') waits.push(seen.againInMs);
  }
  await forge.look(source, 13);

  expect(world.asked).toEqual([...Array.from({ length: 3 }, () => 'look acme 12'), 'look acme 13']);
  expect(waits).toEqual([5 * second, 5 * second, 5 * second]);
});

test('what was changed before a rollout is asked once, and while the limit is exhausted not at all', async () => {
  const { world, forge } = aPacedForge();

  await forge.lastChange(source, 1);
  await forge.lastChange(source, 1);
  await forge.lastChange(source, 2);
  world.broken = new Failure('github-limit', 'Too many.', { retry: { afterMs: 60 * second } });
  await expect(forge.lastChange(source, 3)).rejects.toThrow('Too many');
  await expect(forge.lastChange(source, 4)).rejects.toThrow('Too many');

  expect(world.asked).toEqual(['change apps/shop.yaml 1', 'change apps/shop.yaml 2', 'change apps/shop.yaml 3']);
});

test('a file that cannot be edited is not read again at each kill, but again later', async () => {
  const { world, forge } = aPacedForge();
  world.broken = new Failure('source-alias', 'The value is an alias.');
  await expect(forge.preview(source, edit)).rejects.toThrow('alias');
  world.now += 30 * second;
  await expect(forge.preview(source, edit)).rejects.toThrow('alias');
  world.broken = null;
  world.now += 300 * second;
  await forge.preview(source, edit);
  await forge.preview(source, edit);
  await forge.preview(source, { ...edit, container: 'sidecar' });

  expect(world.asked).toHaveLength(3);
});

test('what passes by itself is not remembered', async () => {
  const { world, forge } = aPacedForge();
  world.broken = new Failure('github-unreachable', 'GitHub cannot be reached.', { retry: 'backoff' });
  await expect(forge.preview(source, edit)).rejects.toThrow('reached');
  world.broken = null;

  expect(await forge.preview(source, edit)).toMatchObject({ branch: 'main' });
});

test('while the forge wants to be left alone nobody asks it, and each is told how long it still takes', async () => {
  const { world, forge } = aPacedForge();
  world.broken = new Failure('github-rate-limited', 'Fewer requests.', { retry: { afterMs: 60 * second } });
  await expect(forge.propose(proposal)).rejects.toThrow('Fewer');
  world.broken = null;
  world.now += 20 * second;
  const told = await forge.propose(proposal).catch((error: unknown) => error);
  await expect(forge.look(source, 12)).rejects.toThrow('Fewer');
  await forge.look(other, 12);
  world.now += 40 * second;
  await forge.propose(proposal);

  expect(told).toMatchObject({ code: 'github-rate-limited', retry: { afterMs: 40 * second } });
  expect(world.asked).toEqual(['propose', 'look umbrella 12', 'propose']);
});
