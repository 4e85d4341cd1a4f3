import { describe, expect, test } from 'vitest';

import { besideHeap, heapOf, heapThatFits, limitForHeap } from '../../../../../src/core/diagnose/runtimes/heap.ts';
import { runtimeOf } from '../../../../../src/core/diagnose/runtimes/runtime.ts';
import { readable } from '../../../../fixtures/findings.ts';

const Mi = 2 ** 20;
const nothing = { args: [], env: {}, hiddenEnv: [], image: null };

describe('the runtime', () => {
  test.each([
    ['jvm', { args: ['sh', '-c', 'exec java -jar a.jar'] }],
    ['jvm', { env: { JAVA_TOOL_OPTIONS: '' } }],
    ['jvm', { hiddenEnv: ['JAVA_TOOL_OPTIONS'] }],
    ['jvm', { image: 'registry.example/eclipse-temurin:21-jre' }],
    ['node', { args: ['node', 'server.js'] }],
    ['node', { image: 'docker.io/library/node:24-alpine' }],
    ['go', { env: { GOMEMLIMIT: '400MiB' } }],
    ['python', { args: ['/usr/bin/python3.12', 'a.py'] }],
    ['python', { args: ['gunicorn', 'app:app'] }],
    ['dotnet', { image: 'mcr.example/dotnet/aspnet:9.0' }],
    [null, { image: 'node-exporter-thing/prometheus:2' }],
    [null, { image: 'shop/javascripty:1' }],
    [null, {}],
  ] as const)('is %s for %o', (runtime, given) => {
    expect(runtimeOf({ ...nothing, ...given })).toBe(runtime);
  });

  test('is what is started rather than what the image is called', () => {
    expect(runtimeOf({ ...nothing, args: ['python3', 'a.py'], image: 'node:24' })).toBe('python');
  });

  test('is told by a label where nothing else tells', () => {
    expect(runtimeOf(nothing, { 'app.example.com/language': 'Kotlin' })).toBe('jvm');
    expect(runtimeOf(nothing, { language: 'constructor' })).toBeNull();
  });
});

describe('the room beside the heap', () => {
  const jvm = readable(heapOf({ ...nothing, env: { JAVA_TOOL_OPTIONS: '-Xmx1g' } }));
  const node = readable(heapOf({ ...nothing, args: ['node'] }));

  test.each([
    ['a quarter of a large limit', jvm, 4096, 8192, 2048],
    ['256Mi for a JVM', jvm, 512, 768, 256],
    ['less for a small JVM', jvm, 112, 224, 120],
    ['a quarter for Node.js', node, 256, 512, 128],
  ])('is %s', (_, heap, size, limit, room) => {
    expect(heap && besideHeap(heap, size * Mi, limit * Mi) / Mi).toBe(room);
  });

  test.each([64, 96, 128, 256, 384, 512, 768, 1024, 2048, 8192])('fits again, heap and limit of %d Mi', (limit) => {
    for (const heap of [jvm, node]) {
      if (!heap) throw new Error('no heap');
      const fitting = heapThatFits(heap, limit * Mi);

      expect(fitting + besideHeap(heap, fitting, limit * Mi)).toBeLessThanOrEqual(Math.max(limit * Mi, 64 * Mi));
      expect(limitForHeap(heap, fitting)).toBeLessThanOrEqual(Math.max(limit, 64) * Mi);
    }
  });

  test('is nobody’s business for other runtimes', () => {
    expect(heapOf({ ...nothing, env: { GOMEMLIMIT: '1GiB' } })).toBeNull();
  });
});
