import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { get, openConnectWorld } from '../watch/connect-world.ts';
import type { ConnectWorld } from '../watch/connect-world.ts';

let world: ConnectWorld;
beforeAll(async () => {
  world = await openConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

describe('connections', () => {
  const connections = (): number[] => world.server.seen.map(({ connection }) => connection);

  test('are kept for reads; a watch and a write have their own', async () => {
    const transport = await world.connectAs({ token: 'a' });

    for (let at = 0; at < 4; at += 1) await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    await transport.json({ method: 'PATCH', path: '/write', body: '{}' });
    await get(transport);
    watch.resume();

    const [first, ...others] = connections();
    expect(others.slice(0, 3)).toEqual([first, first, first]);
    expect(others.at(-1)).toBe(first);
    expect(new Set(connections()).size).toBe(3);
  });

  test('are few however many reads come at once, and all are answered', async () => {
    const transport = await world.connectAs({ token: 'a' });

    for (let burst = 0; burst < 3; burst += 1)
      await Promise.all(Array.from({ length: 60 }, async () => get(transport)));

    expect(connections()).toHaveLength(180);
    expect(new Set(connections()).size).toBeLessThanOrEqual(16);
  });

  test('that the other side closes when the next read comes are replaced, and nobody notices', async () => {
    const transport = await world.connectAs({ token: 'a' });
    await get(transport);

    const [kept] = connections();
    world.server.answer = ({ connection }, response) => {
      if (connection === kept) response.destroy();
      else response.end('{}');
    };
    await get(transport);

    expect(connections().slice(0, 2)).toEqual([kept, kept]);
    expect(connections()).toHaveLength(3);
  });

  test('a write whose connection breaks is sent once', async () => {
    const transport = await world.connectAs({ token: 'a' });
    await get(transport);
    world.server.answer = (_, response) => void response.destroy();

    await expect(transport.json({ method: 'PATCH', path: '/write', body: '{}' })).rejects.toMatchObject({
      code: 'cluster-unreachable',
    });

    expect(world.server.seen.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });
});
