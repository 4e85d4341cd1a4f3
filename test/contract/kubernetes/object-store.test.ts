import { describe, expect, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { Change, KubeObject, NewObject } from '../../../sandbox/kubernetes/objects/object-store.ts';

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
    for (let i = 0; i < 20; i += 1) store.create('events', { ...web, metadata: { name: `c-${i}` } });

    expect(before).toEqual([undefined, ['ADDED', 'DELETED'], ['DELETED'], []]);
    expect(after).toEqual([undefined, []]);
    expect([types(1003), types(1021)]).toEqual([undefined, ['ADDED']]);
  });

  test('remembers the last minutes, however many changes there are', async () => {
    const clock = createHandClock();
    const store = createObjectStore(clock, { historyLimit: 2, historyMs: 60_000 });
    const make = (from: number, to: number): void => {
      for (let nth = from; nth < to; nth += 1) store.create('events', { ...web, metadata: { name: `c-${nth}` } });
    };

    make(0, 10);
    await clock.advance(90_000);
    make(10, 20);

    expect([store.since(1009), store.since(1010)?.length]).toEqual([undefined, 10]);
  });

  test('finds the objects of a namespace and of an owner, sorted, whatever was written and removed between', () => {
    const store = createObjectStore(createHandClock());
    const pod = (namespace: string, name: string, owner?: string): NewObject => ({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace,
        ...(owner === undefined ? {} : { ownerReferences: [{ kind: 'Job', name: owner, uid: owner }] }),
      },
    });
    const names = (of: readonly KubeObject[]): string => of.map(({ metadata }) => metadata.name).join(' ');
    for (const name of ['c', 'a', 'b']) store.create('pods', pod('shop', name, 'job-1'));
    store.create('pods', pod('other', 'z', 'job-1'));
    const first = [names(store.list('pods')), names(store.list('pods', 'shop')), names(store.ownedBy('pods', 'job-1'))];

    store.remove('pods', 'shop', 'a');
    store.create('pods', pod('shop', 'd'));
    store.write('pods', 'shop', 'b', ({ metadata }) => {
      delete metadata.ownerReferences;
    });
    store.write('pods', 'shop', 'd', ({ metadata }) => {
      metadata.ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job-1', uid: 'job-1' }];
    });
    store.create('pods', pod('shop', 'a'));

    expect(first).toEqual(['z a b c', 'a b c', 'z a b c']);
    expect(names(store.list('pods', 'shop'))).toBe('a b c d');
    expect(names(store.ownedBy('pods', 'job-1'))).toBe('z c d');
    expect(store.ownedBy('pods', 'job-2')).toEqual([]);
  });

  test('keeps what a write left as it was once, for all versions of an object', () => {
    const store = createObjectStore(createHandClock());
    const created = store.create('deployments', { ...web, spec: { replicas: 1, template: { spec: { volumes: [] } } } });

    const written = store.write('deployments', 'shop', 'web', (draft) => {
      draft.spec = { ...draft.spec, replicas: 2 };
    });

    expect(written?.spec).not.toBe(created.spec);
    expect(written?.spec?.['template']).toBe(created.spec?.['template']);
    expect(written?.metadata.labels).toBe(created.metadata.labels);
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
