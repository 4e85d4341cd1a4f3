import { describe, expect, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/memory-object-store.ts';
import type { Change, NewObject } from '../../../sandbox/kubernetes/object-store.ts';

const web: NewObject = {
  spec: { replicas: 1 },
  metadata: { labels: { app: 'web' }, namespace: 'shop', name: 'web' },
  apiVersion: 'apps/v1',
  kind: 'Deployment',
};

describe('the object store', () => {
  test('sets what the system sets and orders keys as the API server does', () => {
    const store = createObjectStore(createHandClock(), { newUid: () => 'uid-1' });

    const created = store.create('deployments', web);

    expect(JSON.stringify(created)).toBe(
      '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","uid":"uid-1",' +
        '"resourceVersion":"1001","generation":1,"creationTimestamp":"2026-11-24T12:00:00Z","labels":{"app":"web"}},' +
        '"spec":{"replicas":1}}',
    );
  });

  test('raises the generation for a spec and a deletion, not for a status or a node, and nothing for no change', () => {
    const store = createObjectStore(createHandClock());
    store.create('deployments', web);
    const write = (change: Parameters<typeof store.write>[3]): unknown => {
      const { generation, resourceVersion } = store.write('deployments', 'shop', 'web', change)?.metadata ?? {};
      return [generation, resourceVersion];
    };

    const versions = [
      write((draft) => {
        draft.status = { replicas: 1 };
      }),
      write((draft) => {
        draft.status = { replicas: 1 };
      }),
      write((draft) => {
        draft.spec = { replicas: 2 };
      }),
      write((draft) => {
        draft.spec = { replicas: 2, nodeName: 'node-1' };
      }),
      write((draft) => {
        draft.metadata.deletionTimestamp = '2026-11-24T12:00:30Z';
      }),
    ];

    expect(versions).toEqual([
      [1, '1002'],
      [1, '1002'],
      [2, '1003'],
      [2, '1004'],
      [3, '1005'],
    ]);
  });

  test('remembers changes until they are compacted away', () => {
    const store = createObjectStore(createHandClock(), { historyLimit: 10 });
    store.create('deployments', web);
    store.remove('deployments', 'shop', 'web');
    const types = (since: number): unknown => store.since(since)?.map(({ type }) => type);

    const before = [types(999), types(1000), types(1001), types(1002)];
    store.compact();
    const after = [types(1001), types(1002)];
    for (let i = 0; i < 20; i += 1) store.create('configmaps', { ...web, metadata: { name: `c-${i}` } });

    expect(before).toEqual([undefined, ['ADDED', 'DELETED'], ['DELETED'], []]);
    expect(after).toEqual([undefined, []]);
    expect([types(1003), types(1021)]).toEqual([undefined, ['ADDED']]);
  });

  test('tells every listener in the same order, also when one of them writes', () => {
    const store = createObjectStore(createHandClock());
    const heard: Change[][] = [[], []];
    store.subscribe((change) => {
      heard[0]?.push(change);
      if (change.type === 'ADDED') {
        store.write('deployments', 'shop', 'web', (draft) => {
          draft.status = { replicas: 1 };
        });
      }
    });
    store.subscribe((change) => {
      heard[1]?.push(change);
    });

    store.create('deployments', web);

    expect(heard.map((changes) => changes.map(({ type }) => type))).toEqual([
      ['ADDED', 'MODIFIED'],
      ['ADDED', 'MODIFIED'],
    ]);
  });

  test('hands out snapshots that nobody can change, and drafts whose parts are their own', () => {
    const store = createObjectStore(createHandClock());
    const shared = { memory: '64Mi' };
    const created = store.create('deployments', { ...web, spec: { limits: shared, requests: shared } });

    const written = store.write('deployments', 'shop', 'web', (draft) => {
      Object.assign(draft.spec?.['limits'] ?? {}, { memory: '96Mi' });
    });

    expect(Object.isFrozen(created.metadata.labels)).toBe(true);
    expect(created.spec).toEqual({ limits: { memory: '64Mi' }, requests: { memory: '64Mi' } });
    expect(written?.spec).toEqual({ limits: { memory: '96Mi' }, requests: { memory: '64Mi' } });
  });
});

describe('the hand-driven clock', () => {
  test('fires what is due in order while it is moved, by virtual time', async () => {
    const clock = createHandClock(0, 10);
    const fired: unknown[] = [];
    clock.after(200, () => fired.push(['late', clock.now()]));
    clock.after(100, () => fired.push(['early', clock.now()]));
    const cancel = clock.after(150, () => fired.push('cancelled'));
    const waiting = clock.wait(100).then(() => fired.push('waited'));
    cancel();

    await clock.advance(150);
    await waiting;

    expect(fired).toEqual([['early', 10], 'waited']);
    expect([clock.now(), clock.monotonic(), clock.pending()]).toEqual([15, 15, 1]);
  });

  test('lets a wait be given up', async () => {
    const clock = createHandClock();
    const controller = new AbortController();
    const waiting = clock.wait(1000, controller.signal);

    controller.abort();

    await expect(waiting).rejects.toThrow('aborted');
    expect(clock.pending()).toBe(0);
  });
});
