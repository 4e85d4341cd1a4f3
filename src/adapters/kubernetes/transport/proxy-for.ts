import { BlockList, isIP } from 'node:net';

/** Of the environment: `HTTPS_PROXY` and `NO_PROXY`. */
export interface ProxyRules {
  readonly httpsProxy?: string | undefined;
  /** Hosts (`api.example.com`, with their subdomains), `host:port`, addresses, ranges (`10.0.0.0/8`), or `*`. */
  readonly noProxy: readonly string[];
}

/**
 * The proxy to reach a server through, as client-go finds it: the kubeconfig's own always, that of the environment
 * unless the server is exempt. Null = none.
 */
export function proxyFor(server: string, ofCluster: string | null, rules: ProxyRules): string | null {
  if (ofCluster) return ofCluster;
  if (!rules.httpsProxy || !URL.canParse(server)) return null;
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isExempt = rules.noProxy.some((rule) => exempts(rule.trim().toLowerCase(), host, port || '443'));
  return isExempt ? null : rules.httpsProxy;
}

function exempts(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  if (rule.includes('/')) return isWithin(rule, host);
  if (isIP(rule) !== 0) return rule === host;
  const [name = '', onPort] = rule.split(':');
  if (name === '' || (onPort !== undefined && onPort !== port)) return false;
  const domain = name.replace(/^\*?\./, '');
  // `.example.com` is about what lies below it only.
  return host.endsWith(`.${domain}`) || (host === domain && domain === name);
}

function isWithin(range: string, host: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits), kind);
  } catch {
    return false;
  }
  return list.check(host, kind);
}
