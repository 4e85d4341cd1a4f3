import { expect, test } from 'vitest';
import { proxyFor } from '../../../../../src/adapters/kubernetes/transport/proxy-for.ts';

const proxy = 'http://proxy:3128';
const api = 'https://api.example.com:6443';

test.each<[string, string, string[], string | null]>([
  ['no rule', api, [''], proxy],
  ['another host', api, ['other.com'], proxy],
  ['the host', api, ['API.example.com'], null],
  ['its domain', api, ['example.com'], null],
  ['its domain, with a dot', api, ['.example.com'], null],
  ['its domain, with a star', api, ['*.example.com'], null],
  ['a domain that only ends alike', api, ['ample.com'], proxy],
  ['a dot before the host itself', 'https://example.com', ['.example.com'], proxy],
  ['its port', api, ['api.example.com:6443'], null],
  ['another port', api, ['api.example.com:443'], proxy],
  ['everything', api, ['*'], null],
  ['its address', 'https://10.96.0.1', ['10.96.0.1'], null],
  ['its range, after a space', 'https://10.96.0.1', ['a.com', ' 10.96.0.0/12'], null],
  ['another range', 'https://10.96.0.1', ['192.168.0.0/16'], proxy],
  ['a range of the other kind', 'https://10.96.0.1', ['fd00::/8'], proxy],
  ['its range of IPv6', 'https://[fd00::1]:443', ['fd00::/8'], null],
  ['a range that is none', 'https://10.96.0.1', ['10.0.0.0/99', '10.0.0.0/x', '/'], proxy],
])('%s', (_, server, noProxy, expected) => {
  expect(proxyFor(server, null, { httpsProxy: proxy, noProxy })).toBe(expected);
});

test("a kubeconfig's own proxy always counts", () => {
  expect(proxyFor(api, 'socks5://here', { httpsProxy: proxy, noProxy: ['*'] })).toBe('socks5://here');
});

test('without a proxy there is none', () => {
  expect(proxyFor(api, null, { noProxy: [] })).toBeNull();
});
