import { expect, test } from 'vitest';
import { bringsNode, mayFetchRedis, nodeProblem, redisAdvice, syncCommand } from '../../../scripts/platform.mjs';

test.each([
  ['linux', 'x64', '20.1.0', /^none$/],
  ['linux', 'arm64', '22.0.0', /^none$/],
  ['darwin', 'arm64', '24.0.0', /^none$/],
  ['darwin', 'x64', '25.1.0', /^none$/],
  [
    'darwin',
    'arm64',
    '22.12.0',
    /needs Node 24, and this is 22\.12\.0.*on darwin-arm64.*brew install node@24.*nodejs\.org/,
  ],
  ['linux', 'riscv64', '20.1.0', /on linux-riscv64 please install it: https:\/\/nodejs\.org/],
])('on %s-%s with Node %s', (platform, arch, version, wanted) => {
  expect(nodeProblem({ platform, arch, version }) ?? 'none').toMatch(wanted);
});

test('npm brings Node along on Linux only, and only there Redis is fetched', () => {
  expect(bringsNode('linux', 'x64') && bringsNode('linux', 'arm64')).toBe(true);
  expect(bringsNode('darwin', 'arm64')).toBe(false);
  expect(mayFetchRedis('linux')).toBe(true);
  expect(mayFetchRedis('darwin')).toBe(false);
});

test.each([
  ['darwin', ['brew install redis', 'docker run'], ['apt-get']],
  ['linux', ['apt-get install redis-server', 'brew install redis', 'docker run'], []],
  ['freebsd', ['docker run'], ['apt-get', 'brew']],
])('what provides a Redis on %s', (platform, named, others) => {
  const advice = redisAdvice(platform);

  for (const one of [...named, 'REDIS_URL=redis://127.0.0.1:6379']) expect(advice).toContain(one);
  for (const one of others) expect(advice).not.toContain(one);
});

test('a folder is written to the disk by itself where the system can do that', () => {
  expect(syncCommand('linux', '/x')).toEqual(['sync', '-f', '/x']);
  expect(syncCommand('darwin', '/x')).toBeUndefined();
});
