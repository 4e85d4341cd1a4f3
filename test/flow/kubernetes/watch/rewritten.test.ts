import { describe, expect, test } from 'vitest';
import { startBehindProxy, withoutStreamingLists } from '../transport/behind-proxy.ts';
import { createPod, kill, restart } from './killed-pod.ts';
import { idsOf, untilQueued } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** As Python writes it. */
const spaced = (text: string): string => text.replaceAll('":', '": ').replaceAll(',"', ', "');

describe.each<[string, (text: string) => string]>([
  ['with spaces', spaced],
  ['in the order of the alphabet', (text) => JSON.stringify(sorted(JSON.parse(text)))],
  ['over several lines', (text) => JSON.stringify(JSON.parse(text), null, 2)],
  ['over several lines and sorted, with tabs', (text) => JSON.stringify(sorted(JSON.parse(text)), null, '\t')],
  ['with other escapes', (text) => text.replaceAll('/', String.raw`\/`).replaceAll('<', String.raw`\u003c`)],
])('everything is seen although a proxy encodes it again %s', (_, rewrite) => {
  test.each(['a streaming list', 'pages'])('after %s', async (beginning) => {
    const { world, proxy, transport } = await startBehindProxy();
    proxy.rewrite = rewrite;
    for (const name of ['web', 'old', 'gone']) createPod(world.store, name, { annotations: { link: 'a/b<c>' } });
    restart(world.store, 'old', { id: 'a' });

    const running = await watch(world, {
      transport: beginning === 'pages' ? withoutStreamingLists(transport) : transport,
    });
    kill(world.store, 'web', { id: 'b' });
    kill(world.store, 'gone', { id: 'c' });
    world.store.remove('pods', 'shop', 'gone');
    await untilQueued(running, 3);

    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
    expect(running.dropped).toEqual([]);
  });
});

/** So many zeros instead. */
const nulls = (text: string): string => '\u0000'.repeat(text.length);

describe('a line that cannot be read is asked for again', () => {
  const tooLong = 9 * 1024 * 1024;

  test.each<[string, (line: string) => string]>([
    ['cut', (line) => line.slice(0, line.length / 2)],
    ['garbled', (line) => line.replace('"terminated":{', '"terminated":{\u0000\u0001')],
    ['overwritten where a kill would stand', (line) => line.replace(/"terminated":\{[^}]*\}/g, nulls)],
    ['glued to the next', (line) => `${line}${line}`],
    ['too long', (line) => `${'x'.repeat(tooLong)}${line}`],
  ])('%s once, and nothing is lost: neither what was in it, nor a pod that is gone by then', async (_, spoil) => {
    const { world, proxy, transport } = await startBehindProxy();
    for (const name of ['first', 'web', 'gone']) createPod(world.store, name);
    const running = await watch(world, { transport });
    let spoilt = 0;
    proxy.rewrite = (line, is) => {
      if (is !== 'watch' || spoilt > 0 || !line.includes('containerd://b')) return line;
      spoilt += 1;
      return spoil(line);
    };

    kill(world.store, 'first', { id: 'a' });
    kill(world.store, 'gone', { id: 'b' });
    world.store.remove('pods', 'shop', 'gone');
    kill(world.store, 'web', { id: 'c' });
    await untilQueued(running, 3);

    expect(spoilt).toBe(1);
    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
    expect(running.dropped).toEqual([]);
    expect(running.reconnects).toContain('watch-line-unreadable');
  });

  test('although the connection breaks while what came before it waits for the queue', async () => {
    const { world, proxy, transport } = await startBehindProxy();
    for (const name of ['web', 'api']) createPod(world.store, name);
    const queue = { away: true, refused: 0 };
    const running = await watch(world, {
      transport,
      emit: () => {
        if (!queue.away) return Promise.resolve();
        queue.refused += 1;
        return Promise.reject(new Error('away'));
      },
    });
    // One kill and half of another come in one piece.
    let first = '';
    proxy.rewrite = (line, is) => {
      if (is !== 'watch' || !line.includes('containerd://')) return line;
      if (line.includes('containerd://a')) {
        first = line;
        return '';
      }
      proxy.rewrite = (text) => text;
      return `${first}\n${line.slice(0, line.length / 2)}`;
    };

    kill(world.store, 'web', { id: 'a' });
    kill(world.store, 'api', { id: 'b' });
    await eventually(() => expect(queue.refused).toBeGreaterThan(0));
    world.server.faults.inject({ kind: 'cut-watches' });
    await eventually(() => expect(running.reconnects).toContain('broken'));
    queue.away = false;
    await untilQueued(running, 2);

    expect(idsOf(running.queued)).toEqual(['a', 'b']);
  });

  test('also when another one is spoiled before anything was read', async () => {
    const { world, proxy, transport } = await startBehindProxy();
    createPod(world.store, 'web');
    const running = await watch(world, { transport });
    const spoilt = new Set<string>();
    proxy.rewrite = (line, is) => {
      const [id] = /containerd:\/\/./.exec(line) ?? ['plain'];
      if (is !== 'watch' || spoilt.has(id)) return line;
      spoilt.add(id);
      return line.slice(0, line.length / 2);
    };

    createPod(world.store, 'new');
    await eventually(() => expect(running.reconnects).toContain('watch-line-unreadable'));
    kill(world.store, 'web', { id: 'b' });
    await untilQueued(running, 1);

    expect([...spoilt]).toEqual(['plain', 'containerd://b']);
    expect(idsOf(running.queued)).toEqual(['b']);
    expect(running.dropped).toEqual([]);
  });

  test('at once however many there were before, as long as something is read between two', async () => {
    const { world, proxy, transport } = await startBehindProxy();
    const names = Array.from({ length: 9 }, (_, at) => `web-${at}`);
    for (const name of names) createPod(world.store, name);
    const running = await watch(world, { transport });
    const spoilt = new Set<string>();
    proxy.rewrite = (line, is) => {
      const [id] = /containerd:\/\/web-./.exec(line) ?? [];
      if (is !== 'watch' || id === undefined || spoilt.has(id)) return line;
      spoilt.add(id);
      return line.slice(0, line.length / 2);
    };

    for (const [at, name] of names.entries()) {
      kill(world.store, name, { id: name });
      await untilQueued(running, at + 1);
    }

    expect(idsOf(running.queued)).toEqual(names);
    expect(running.reconnects.filter((why) => why === 'watch-line-unreadable')).toHaveLength(names.length);
  });

  test.each(['a streaming list', 'pages'])('and so is all of %s', async (beginning) => {
    const { world, proxy, transport } = await startBehindProxy();
    for (const name of ['old', 'web']) createPod(world.store, name);
    restart(world.store, 'old', { id: 'a' });
    let spoilt = 0;
    proxy.rewrite = (text) => {
      if (spoilt > 0 || !text.includes('containerd://a')) return text;
      spoilt += 1;
      return text.replace(/"terminated":\{[^}]*\}/, nulls);
    };

    const running = await watch(world, {
      transport: beginning === 'pages' ? withoutStreamingLists(transport) : transport,
    });
    kill(world.store, 'web', { id: 'b' });
    await untilQueued(running, 2);

    expect(spoilt).toBe(1);
    expect(idsOf(running.queued)).toEqual(['a', 'b']);
    expect(running.dropped).toEqual([]);
  });

  test('and when it comes too long again it is dropped, told, and everything is listed', async () => {
    const { world, proxy, transport } = await startBehindProxy();
    for (const name of ['web', 'huge', 'later']) createPod(world.store, name);
    const running = await watch(world, { transport });
    proxy.rewrite = (line, is) =>
      is === 'watch' && line.includes('containerd://a') && line.includes('MODIFIED')
        ? `${'x'.repeat(tooLong)}${line}`
        : line;

    kill(world.store, 'huge', { id: 'a' });
    kill(world.store, 'web', { id: 'b' });
    await untilQueued(running, 2);
    kill(world.store, 'later', { id: 'c' });
    await untilQueued(running, 3);

    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
    expect(running.dropped).toEqual(['too-long']);
    expect(running.reconnects).toContain('watch-line-too-long');
  });
});

describe('a list whose next page is too late', () => {
  /** Compacts the history behind each page whose successor is asked for. */
  async function listWhileCompacting(times: number) {
    const world = await start();
    for (let at = 0; at < 1_001; at += 1) createPod(world.store, `web-${String(at).padStart(4, '0')}`);
    restart(world.store, 'web-0000', { id: 'a' });
    restart(world.store, 'web-1000', { id: 'b' });
    const transport = withoutStreamingLists(world.transport);
    let compacted = 0;
    const running = await watch(world, {
      transport: {
        ...transport,
        open: async (call) => {
          const answer = await transport.open(call);
          if (call.path.startsWith('/api/v1/pods?limit=500') && compacted < times) {
            compacted += 1;
            createPod(world.store, `new-${compacted}`);
            world.store.compact();
          }
          return answer;
        },
      },
    });
    await untilQueued(running, 2);
    kill(world.store, 'web-0500', { id: 'c' });
    await untilQueued(running, 3);
    const pages = world.server.requestLog().filter(({ path }) => path.startsWith('/api/v1/pods?limit='));
    return { running, statuses: pages.map(({ status }) => status) };
  }

  test('is begun again', async () => {
    const { running, statuses } = await listWhileCompacting(1);

    expect(statuses).toEqual([200, 410, 200, 200, 200]);
    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
  });

  test('goes on with the fresh token when that would never end', async () => {
    const { running, statuses } = await listWhileCompacting(5);

    expect(statuses.filter((status) => status === 410).length).toBeGreaterThanOrEqual(3);
    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
  });
});
