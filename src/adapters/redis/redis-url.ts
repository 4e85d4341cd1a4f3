/** A server, a sentinel or a node of a cluster. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** User and password; null where the URL has none. */
export interface Login {
  readonly username: string | null;
  readonly password: string | null;
}

interface Common extends Login {
  readonly tls: boolean;
}

/** What `REDIS_URL` says. */
export type RedisAddress =
  | (Common & { readonly is: 'server'; readonly at: HostPort; readonly db: number })
  | (Common & {
      readonly is: 'sentinel';
      readonly sentinels: readonly HostPort[];
      /** Name under which the sentinels know the primary. */
      readonly primary: string;
      readonly db: number;
      /** For the sentinels themselves. */
      readonly sentinelLogin: Login;
    })
  | (Common & { readonly is: 'cluster'; readonly nodes: readonly HostPort[] });

/** What is wrong with the URL. `text` continues a sentence after the variable's name and never repeats the value. */
export interface RedisUrlProblem {
  readonly is: 'problem';
  readonly why: 'form' | 'hosts' | 'one-host' | 'port' | 'login' | 'primary' | 'db' | 'cluster-db' | 'parameter';
  readonly text: string;
}

const serverPort = 6379;
const sentinelPort = 26_379;

const texts = {
  form: 'must be a redis:// or rediss:// URL (of one server), or one that begins with redis+sentinel:// or redis+cluster:// (rediss+… for TLS)',
  hosts: 'must name hosts as host, host:port or [IPv6]:port, separated by commas',
  'one-host': 'names several hosts: only redis+sentinel:// and redis+cluster:// may do that',
  port: 'has a port that is none (1 to 65535)',
  login: 'has a user or password that is not percent-encoded: write @ as %40, / as %2F, ? as %3F, # as %23, % as %25',
  primary:
    'must end with the name under which the sentinels know the primary, for example redis+sentinel://host:26379/mymaster',
  db: 'has a database that is none: it must be a number, for example redis://host:6379/0',
  'cluster-db': 'names a database: Redis Cluster has only one, so that nothing may follow the hosts',
  parameter: 'has a parameter that is not known: only redis+sentinel:// takes sentinel-user and sentinel-password',
} as const satisfies Record<RedisUrlProblem['why'], string>;

const form =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<login>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;

/**
 * Reads `REDIS_URL`: `redis://USER:PASSWORD@HOST:PORT/DB`, `redis+sentinel://USER:PASSWORD@HOST:PORT,…/PRIMARY/DB` with
 * `?sentinel-user=…&sentinel-password=…` for sentinels that want a login too, `redis+cluster://USER:PASSWORD@HOST:PORT,…`.
 * `rediss` instead of `redis` is TLS. All but the hosts and the primary's name may be left out.
 */
export function readRedisUrl(url: string): RedisAddress | RedisUrlProblem {
  const groups = form.exec(url)?.groups;
  if (groups === undefined) return problem('form');
  const { tls = '', kind, login, hosts = '', path = '', query } = groups;

  const read = readHosts(hosts, kind === 'sentinel' ? sentinelPort : serverPort);
  if (typeof read === 'string') return problem(read);
  const [first, ...others] = read;
  if (first === undefined) return problem('hosts');
  const user = readLogin(login);
  if (user === null) return problem('login');
  const common = { tls: tls === 's', ...user };

  if (kind !== 'sentinel' && query !== undefined) return problem('parameter');
  if (kind === 'cluster') {
    return path === '' || path === '/' ? { is: 'cluster', ...common, nodes: read } : problem('cluster-db');
  }
  if (kind === undefined) {
    if (others.length > 0) return problem('one-host');
    const db = readDb(path.slice(1));
    return db === null ? problem('db') : { is: 'server', ...common, at: first, db };
  }
  const [primary = '', db = '', ...more] = path.slice(1).split('/');
  if (!/^[\w.-]+$/.test(primary)) return problem('primary');
  const number = more.length > 0 ? null : readDb(db);
  if (number === null) return problem('db');
  const sentinelLogin = readSentinelLogin(query);
  if (sentinelLogin === null) return problem('parameter');
  return { is: 'sentinel', ...common, sentinels: read, primary, db: number, sentinelLogin };
}

function problem(why: RedisUrlProblem['why']): RedisUrlProblem {
  return { is: 'problem', why, text: texts[why] };
}

function readHosts(text: string, usualPort: number): readonly HostPort[] | 'hosts' | 'port' {
  const found: HostPort[] = [];
  for (const one of text.split(',')) {
    const [, ipv6, name, digits] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d+))?$/.exec(one) ?? [];
    const host = ipv6 ?? name;
    if (host === undefined) return 'hosts';
    const port = digits === undefined ? usualPort : Number(digits);
    if (port < 1 || port > 65_535) return 'port';
    found.push({ host, port });
  }
  return found;
}

/** `user:password`, `:password` or `user`. Null if it is not encoded correctly. */
function readLogin(text = ''): Login | null {
  const [, user = '', given = ''] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  const [username, password] = [decoded(user), decoded(given)];
  if (username === null || password === null || text.includes('@')) return null;
  return { username: username || null, password: password || null };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function readDb(text: string): number | null {
  return /^\d{0,5}$/.test(text) ? Number(text) : null;
}

function readSentinelLogin(query = ''): Login | null {
  const {
    'sentinel-user': username,
    'sentinel-password': password,
    ...more
  } = Object.fromEntries(new URLSearchParams(query));
  return Object.keys(more).length > 0 ? null : { username: username || null, password: password || null };
}
