import { expect, test } from 'vitest';
import { createSamples, type SampleBounds } from '../../../src/adapters/redis/store/samples.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { useRedis } from './fixtures.ts';

const bench = useRedis();
const day = 24 * 60 * 60_000;
const usual: SampleBounds = { sampled: 500, samples: 120, oldSamples: 288, samplesMs: day };

function open(changes: Partial<SampleBounds> = {}) {
  const cluster = bench.cluster();
  return { cluster, samples: createSamples({ redis: bench.redis(), cluster, bounds: { ...usual, ...changes } }) };
}

test('samples come back by container, in the order of time, each moment once', async () => {
  const { samples } = open();
  await samples.keep(
    [
      { name: 'shop/a/app', t: 1_000, bytes: 10 },
      { name: 'shop/b/app', t: 1_000, bytes: 20 },
    ],
    true,
  );
  await samples.keep([{ name: 'shop/a/app', t: 1_000, bytes: 10 }], false);
  await samples.keep([{ name: 'shop/a/app', t: 2_000, bytes: 11 }], false);

  expect(await samples.read(['shop/a/app', 'shop/b/app', 'shop/c/app'])).toEqual(
    new Map([
      [
        'shop/a/app',
        [
          { t: 1_000, bytes: 10 },
          { t: 2_000, bytes: 11 },
        ],
      ],
      ['shop/b/app', [{ t: 1_000, bytes: 20 }]],
    ]),
  );
  expect(await samples.read([])).toEqual(new Map());
});

test('the last ones are kept closely and those before coarsely, and no more than that', async () => {
  const { samples } = open({ samples: 3, oldSamples: 2 });
  for (let t = 1; t <= 12; t += 1) await samples.keep([{ name: 'shop/a/app', t, bytes: t * 100 }], t % 3 === 1);

  const points = (await samples.read(['shop/a/app'])).get('shop/a/app');

  expect(points?.map(({ t }) => t)).toEqual([7, 10, 11, 12]);
});

test('only so many containers are kept: those sampled last', async () => {
  const { cluster, samples } = open({ sampled: 2 });
  for (const [at, name] of ['a', 'b', 'c'].entries()) await samples.keep([{ name, t: at + 1, bytes: 1 }], true);

  expect([...(await samples.read(['a', 'b', 'c'])).keys()]).toEqual(['b', 'c']);
  const keys = clusterKeys(cluster);
  expect(await bench.redis().exists(keys.samples('a'), keys.oldSamples('a'))).toBe(0);
  expect(await bench.redis().zcard(keys.sampled)).toBe(2);
});

test('all of it ends by itself', async () => {
  const { cluster, samples } = open();
  await samples.keep([{ name: 'a', t: 1, bytes: 1 }], true);
  await samples.noteSampling({ since: 1, at: 2, everyMs: 30_000, kept: 1, problem: null });
  const keys = clusterKeys(cluster);

  for (const key of [keys.samples('a'), keys.oldSamples('a'), keys.sampled, keys.sampling])
    expect(await bench.redis().pttl(key)).toBeGreaterThan(day - 60_000);
});

test('one worker samples at a time', async () => {
  const { samples } = open();

  const mine = await samples.lease(10_000);
  expect(mine).not.toBeNull();
  expect(await samples.lease(10_000)).toBeNull();
  await mine?.release();
  expect(await samples.lease(10_000)).not.toBeNull();
});

test('how sampling goes is kept for others, and what another version wrote is as good as nothing', async () => {
  const { cluster, samples } = open();
  expect(await samples.sampling()).toBeNull();

  await samples.noteSampling({ since: 1, at: 2, everyMs: 30_000, kept: 1, problem: 'no' });
  expect(await samples.sampling()).toEqual({ since: 1, at: 2, everyMs: 30_000, kept: 1, problem: 'no' });

  await bench.redis().set(clusterKeys(cluster).sampling, '{"v":2}');
  expect(await samples.sampling()).toBeNull();
});

test('a list that somebody else wrote into is read as far as it can be', async () => {
  const { cluster, samples } = open();
  await bench.redis().rpush(clusterKeys(cluster).samples('a'), 'nonsense', '5:10', '-1:2', '6:', '7:11');

  expect((await samples.read(['a'])).get('a')).toEqual([
    { t: 5, bytes: 10 },
    { t: 7, bytes: 11 },
  ]);
});
