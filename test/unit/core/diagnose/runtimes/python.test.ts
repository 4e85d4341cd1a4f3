import { expect, test } from 'vitest';

import { workersOf } from '../../../../../src/core/diagnose/runtimes/python.ts';

test.each([
  [['gunicorn', '--workers', '4', 'app:app'], {}, 'gunicorn', 4, false],
  [['gunicorn', '-w4', '--max-requests=500', 'app:app'], {}, 'gunicorn', 4, true],
  [['sh', '-c', 'exec gunicorn app:app --workers=3'], {}, 'gunicorn', 3, false],
  [['gunicorn', 'app:app'], { WEB_CONCURRENCY: '6', GUNICORN_CMD_ARGS: '--max-requests 100' }, 'gunicorn', 6, true],
  [['/usr/bin/uwsgi', '-p', '8', '--reload-on-rss', '200'], {}, 'uwsgi', 8, true],
  [['celery', '-A', 'tasks', 'worker', '--concurrency=2'], {}, 'celery', 2, false],
  [['uvicorn', 'main:app', '--workers', 'many'], {}, 'uvicorn', null, false],
] as const)('the workers of %j with %j', (args, env, server, count, recycles) => {
  expect(workersOf({ args, env })).toMatchObject({ server, count, recycles });
});

test('a program that is no such server has none', () => {
  expect(workersOf({ args: ['python', 'main.py', '--workers', '4'], env: {} })).toBeNull();
});
