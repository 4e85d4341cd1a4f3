import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { registerCluster } from '../../src/adapters/redis/store/clusters.ts';
import { slackKeys } from '../../src/adapters/redis/keys.ts';
import { auditLineSchema } from '../../src/core/incident/audit.ts';
import { startAnswering } from '../flow/prometheus/answering-server.ts';
import { amira, sam, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';
import { rawCharacters } from '../unit/app/command-line/raw-characters.ts';
import { objectsIn, runHere } from './run-command.ts';
import type { Ran } from './run-command.ts';

/* `oomkeeper audit` over a real Redis in which the real flow has written its record. */

const worlds = useWorlds();

/** A cluster that the bot knows of, with a change that was asked for, refused to one and approved by another. */
async function story(workload = 'checkout'): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open();
  await registerCluster(world.redis, world.name);
  onTestFinished(async () => void (await world.redis.zrem(slackKeys.clusters, world.name)));
  const id = await world.killed({ workload });
  await world.look(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);
  await world.ask(id, 'approve', sam);
  await world.look(id);
  await world.ask(id, 'approve', amira);
  await world.look(id);
  return { ...world, id };
}

function audit({ redisUrl }: WorkerWorld, ...args: readonly string[]): Promise<Ran> {
  return runHere(['audit', ...args], { REDIS_URL: redisUrl });
}

const linesOf = ({ out }: Ran) => objectsIn(out, (object) => auditLineSchema.parse(object));

test('--json has who asked, who was refused, who approved and what was done, oldest first', async () => {
  const world = await story();

  const ran = await audit(world, '--cluster', world.name, '--json');

  const lines = linesOf(ran);
  const told = lines.map(({ what, by }) => `${what} ${by ?? 'Oomkeeper'}`);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(told).toEqual(expect.arrayContaining([`requested ${sam}`, `approved ${amira}`]));
  expect(told.some((line) => line.startsWith('refused:') && line.endsWith(sam))).toBe(true);
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(new Set(lines.map(({ incident }) => incident))).toEqual(new Set([world.id]));
  expect(lines.filter(({ subject }) => subject !== `${world.name}/shop/Deployment/checkout/app`)).toEqual([]);
});

test('people read the same in two lines each', async () => {
  const world = await story();

  const { code, out } = await audit(world, '--cluster', world.name);
  const recorded = linesOf(await audit(world, '--cluster', world.name, '--json'));

  const lines = out.split('\n').slice(0, -1);
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^TIME \(UTC\) +INCIDENT +WHAT +BY +SUBJECT$/);
  expect(lines).toHaveLength(1 + 2 * recorded.length);
  expect(lines.find((line) => line.includes(' approved '))).toMatch(
    new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +${world.id} +approved +${amira} +${world.name}/shop/`),
  );
  expect(out).toBe(stripVTControlCharacters(out));
});

test('without --cluster the records of all are one, in the order of time', async () => {
  const [one, two] = [await story(), await story('cart')];
  await one.ask(one.id, 'acknowledge', amira);
  await one.look(one.id);

  const all = linesOf(await audit(one, '--json'));

  const own = all.filter(({ cluster }) => cluster === one.name || cluster === two.name);
  const clusters = own.map(({ cluster }) => cluster);
  expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => a - b));
  expect([clusters[0], clusters.at(-1)]).toEqual([one.name, one.name]);
  expect(clusters).toContain(two.name);
});

test('--since leaves out what is older', async () => {
  const world = await story();

  const recent = linesOf(await audit(world, '--cluster', world.name, '--since', '1h', '--json'));
  const none = await audit(world, '--cluster', world.name, '--since', '0s', '--json');
  const words = await audit(world, '--cluster', world.name, '--since', '0s');

  expect(recent.length).toBeGreaterThan(2);
  expect(none).toMatchObject({ code: 0, out: '' });
  expect(words).toMatchObject({ code: 0, out: 'Nothing was decided or done in this time.\n' });
});

test('a mistyped cluster gets the nearest name; one that the bot forgot is still read', async () => {
  const world = await story();
  const typo = await audit(world, '--cluster', `${world.name}x`);
  await world.redis.zrem(slackKeys.clusters, world.name);
  const forgotten = await audit(world, '--cluster', world.name, '--json');

  expect(typo).toMatchObject({ code: 1, out: '' });
  expect(typo.err).toMatch(new RegExp(`has no cluster "${world.name}x"\\. Did you mean .*${world.name}`));
  expect(forgotten.code).toBe(0);
  expect(linesOf(forgotten).length).toBeGreaterThan(2);
});

test('hostile words in the record reach no terminal', async () => {
  const world = await story();
  const evil = 'x\u001b[2J\r\n\u009by\u202e';
  const about = { cluster: world.name, incident: null, subject: evil, plan: null };
  await world.store.record({ ...about, at: await world.now(), what: 'paused', by: evil, text: evil, result: null });

  const shown = await audit(world, '--cluster', world.name);
  const json = await audit(world, '--cluster', world.name, '--json');

  expect(shown.out).toContain('x [2J y');
  expect(shown.out + json.out).not.toMatch(rawCharacters);
  expect(linesOf(json).at(-1)?.text).toBe(evil);
});

describe('a Redis that is not as it should be is one sentence', () => {
  test('away', async () => {
    const server = await startAnswering({ status: 200, body: '' });
    await server.close();

    const { code, out, err } = await runHere(['audit'], { REDIS_URL: `redis://me:hunter2@127.0.0.1:${server.port}` });

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^oomkeeper: Redis cannot be reached; see that it runs and that REDIS_URL is right .*\n$/);
    expect(err).not.toContain('hunter2');
  });

  test('something else that answers', async () => {
    const server = await startAnswering({ status: 200, body: 'hello' });

    const { code, out, err } = await runHere(['audit'], { REDIS_URL: `redis://127.0.0.1:${server.port}` });
    await server.close();

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^oomkeeper: Redis .*\n$/);
  });

  test('no address at all is a wrong configuration', async () => {
    const { code, err } = await runHere(['audit'], { REDIS_URL: 'localhost' });

    expect(code).toBe(2);
    expect(err).toContain('REDIS_URL must be a redis:// or rediss:// URL (of one server)');
  });
});

test('a duration that is none is a wrong command line', async () => {
  const { code, out, err } = await runHere(['audit', '--since', 'yesterday']);

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^oomkeeper: .*yesterday.*\n$/);
});
