import { expect, test } from 'vitest';
import { readRedisUrl, type RedisUrlProblem } from '../../../../src/adapters/redis/redis-url.ts';

const nobody = { username: null, password: null };
const plain = { ...nobody, tls: false };
const server = (host: string, port = 6379, db = 0) => ({ is: 'server', ...plain, at: { host, port }, db });

test.each([
  ['redis://redis', server('redis')],
  ['redis://127.0.0.1:6379', server('127.0.0.1')],
  ['redis://127.0.0.1:6379/', server('127.0.0.1')],
  ['redis://127.0.0.1:7000/3', server('127.0.0.1', 7000, 3)],
  ['redis://[fd00::1]:7000', server('fd00::1', 7000)],
  ['redis://[fd00::1]', server('fd00::1')],
  ['rediss://redis.example.com', { ...server('redis.example.com'), tls: true }],
  ['redis://:hunter2@redis', { ...server('redis'), password: 'hunter2' }],
  ['redis://me@redis', { ...server('redis'), username: 'me' }],
  ['redis://me:a%40b%2F%3A%25@redis', { ...server('redis'), username: 'me', password: 'a@b/:%' }],
  ['redis://me:a:b@redis', { ...server('redis'), username: 'me', password: 'a:b' }],
  ['redis+cluster://a', { is: 'cluster', ...plain, nodes: [{ host: 'a', port: 6379 }] }],
  [
    'rediss+cluster://me:pw@a:1,b:2,[::1]:3/',
    {
      is: 'cluster',
      tls: true,
      username: 'me',
      password: 'pw',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: '::1', port: 3 },
      ],
    },
  ],
  [
    'redis+sentinel://a,b:2/mymaster',
    {
      is: 'sentinel',
      ...plain,
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 2 },
      ],
      primary: 'mymaster',
      db: 0,
      sentinelLogin: nobody,
    },
  ],
  [
    'rediss+sentinel://me:pw@a/my-master.1/2?sentinel-user=s&sentinel-password=x%26y',
    {
      is: 'sentinel',
      tls: true,
      username: 'me',
      password: 'pw',
      sentinels: [{ host: 'a', port: 26_379 }],
      primary: 'my-master.1',
      db: 2,
      sentinelLogin: { username: 's', password: 'x&y' },
    },
  ],
])('%s is read', (url, address) => {
  expect(readRedisUrl(url)).toEqual(address);
});

test.each<[string, RedisUrlProblem['why']]>([
  ['localhost:6379', 'form'],
  ['http://redis', 'form'],
  ['redis:redis', 'form'],
  ['redis+replica://redis', 'form'],
  ['redis://redis#1', 'form'],
  ['redis://', 'hosts'],
  ['redis:///tmp/redis.sock', 'hosts'],
  ['redis://fd00::1', 'hosts'],
  ['redis+cluster://a,', 'hosts'],
  ['redis+cluster://a, b', 'hosts'],
  ['redis+cluster://a:b', 'hosts'],
  ['redis://a,b', 'one-host'],
  ['redis://a:0', 'port'],
  ['redis://a:65536', 'port'],
  ['redis://me:100%@a', 'login'],
  ['redis://me:p@ss@a', 'login'],
  ['redis+sentinel://me:pw@a,me:pw@b/mymaster', 'login'],
  ['redis+sentinel://a', 'primary'],
  ['redis+sentinel://a/', 'primary'],
  ['redis+sentinel://a/my%20master', 'primary'],
  ['redis://a/one', 'db'],
  ['redis+sentinel://a/mymaster/one', 'db'],
  ['redis+sentinel://a/mymaster/1/2', 'db'],
  ['redis+cluster://a/0', 'cluster-db'],
  ['redis://a?family=6', 'parameter'],
  ['redis+cluster://a?sentinel-password=x', 'parameter'],
  ['redis+sentinel://a/mymaster?sentinel_password=x', 'parameter'],
])('%s is no address: %s', (url, why) => {
  expect(readRedisUrl(url)).toMatchObject({ is: 'problem', why });
});

test('what is wrong is told without what was given', () => {
  const problem = readRedisUrl('redis://me:hunter2%@a');

  expect(JSON.stringify(problem)).not.toContain('hunter2');
});
