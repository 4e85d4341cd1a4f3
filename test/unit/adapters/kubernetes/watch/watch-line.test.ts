import { describe, expect, test } from 'vitest';
import { createBackOff } from '../../../../../src/adapters/kubernetes/transport/back-off.ts';
import { errorOfLine, parseWatchLine } from '../../../../../src/adapters/kubernetes/watch/watch-line.ts';
import { createLineScreen } from '../../../../../src/core/kill/screen/screen.ts';
import { readStopOrder, stopOrderReasons } from '../../../../../src/core/kill/detect/stop-order.ts';

describe('a line of a watch', () => {
  test('says its type, its object and how far it is', () => {
    const line = parseWatchLine(Buffer.from('{"type":"ADDED","object":{"metadata":{"resourceVersion":"12"}}}'));

    expect(line).toMatchObject({ type: 'ADDED', resourceVersion: '12', endsInitial: false });
  });

  test.each(['BOOKMARK', 'ADDED'])('%s ends a streaming list only if it is a bookmark', (type) => {
    const metadata = { resourceVersion: '12', annotations: { 'k8s.io/initial-events-end': 'true' } };
    const line = parseWatchLine(Buffer.from(JSON.stringify({ type, object: { metadata } })));

    expect(line?.endsInitial).toBe(type === 'BOOKMARK');
  });

  test.each(['', '{"type":', '[]', '{"type":7}', 'null', '{"object":{}}'])('%j is none', (text) => {
    expect(parseWatchLine(Buffer.from(text))).toBeNull();
  });

  test.each(['{"type":"ADDED"}', '{"type":"ADDED","object":null}', '{"type":"ADDED","object":{"metadata":[]}}'])(
    '%j is an empty one',
    (text) => {
      expect(parseWatchLine(Buffer.from(text))).toMatchObject({ type: 'ADDED', resourceVersion: null });
    },
  );
});

test.each([
  [{ code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' }, 'cluster-expired'],
  [{ code: 410, reason: 'Gone' }, 'cluster-expired'],
  [{ reason: 'Expired', message: 'The resourceVersion for the provided watch is too old.' }, 'cluster-expired'],
  [{ code: 504, reason: 'Timeout', message: 'Too large resource version: 9, current: 2' }, 'cluster-expired'],
  [{ code: 500, reason: 'InternalError', message: 'etcdserver: no leader' }, 'watch-error'],
  [{}, 'watch-error'],
])('the error line %j means %s', (status, code) => {
  expect(errorOfLine(status).code).toBe(code);
});

describe('Events', () => {
  const event = (reason: string): string =>
    JSON.stringify({
      type: 'ADDED',
      object: {
        kind: 'Event',
        apiVersion: 'v1',
        metadata: { name: 'web.1', namespace: 'shop' },
        involvedObject: { kind: 'Pod', name: 'web', uid: 'u1', fieldPath: 'spec.containers{app}' },
        reason,
        message: 'Liveness probe failed: timeout',
        lastTimestamp: '2026-11-24T06:00:00Z',
      },
    });
  const needles = stopOrderReasons.map((reason) => `"reason":"${reason}"`);
  const reasons =
    'Killing Unhealthy Evicted Preempted Preempting TaintManagerEviction NodeShutdown DeadlineExceeded ' +
    'BackOff Pulled Started Scheduled Created FailedScheduling';

  test.each(reasons.split(' '))('%s is read exactly if it may end a container', (reason) => {
    const text = event(reason);
    const found = createLineScreen({ needles }).push(Buffer.from(`${text}\n`));

    const isOrder = readStopOrder(parseWatchLine(Buffer.from(text))?.object) !== null;

    expect(found.map(({ is }) => is)).toEqual(isOrder ? ['candidate'] : []);
  });
});

test('the back-off doubles up to a bound, spreads by half to either side, and starts again', () => {
  const [middle, soonest, latest] = [0.5, 0, 1].map((chance) => createBackOff(() => chance));

  expect(Array.from({ length: 8 }, () => middle?.next())).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect([soonest?.next(), latest?.next()]).toEqual([100, 300]);
  middle?.reset();
  expect(middle?.next()).toBe(200);
});
