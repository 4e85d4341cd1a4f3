import { Failure, type Retry } from '../../core/failure.ts';
import { inTime } from '../in-time.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly retry: Retry;
}

/** Errors of Redis and its client, and what they mean here. The first match counts. */
const rules: readonly Rule[] = [
  {
    pattern: /^(?=.*sentinels are unreachable).*(?:NOAUTH|WRONGPASS|NOPERM|without any password configured)/,
    code: 'redis-refused',
    message:
      'The sentinels refuse the login; it is given as ?sentinel-user=…&sentinel-password=… at the end of REDIS_URL',
    retry: 'never',
  },
  {
    pattern: /unknown command '?sentinel/i,
    code: 'redis-no-sentinel',
    message:
      'What REDIS_URL names as sentinels are none; redis:// is for one server, redis+cluster:// for Redis Cluster',
    retry: 'never',
  },
  {
    pattern: /No such master with that name/,
    code: 'redis-unknown-primary',
    message: 'The sentinels know no primary of the name at the end of REDIS_URL',
    retry: 'backoff',
  },
  {
    pattern: /cluster support disabled/,
    code: 'redis-no-cluster',
    message: 'What REDIS_URL names is no Redis Cluster; redis:// is for one server, redis+sentinel:// for Sentinel',
    retry: 'never',
  },
  {
    pattern: /^MOVED /,
    code: 'redis-is-cluster',
    message: 'This Redis is a cluster: REDIS_URL has to begin with redis+cluster://',
    retry: 'never',
  },
  {
    pattern:
      /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|Connection is closed|timed out|enableOfflineQueue|sentinels are unreachable|Failed to refresh slots cache|None of startup nodes|max retries per request/,
    code: 'redis-unreachable',
    message: 'Redis cannot be reached; see that it runs and that REDIS_URL is right',
    retry: 'backoff',
  },
  {
    pattern:
      /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|UNBLOCKED|NOREPLICAS)|Too many Cluster redirections/,
    code: 'redis-not-ready',
    message: 'Redis answers but cannot serve yet',
    retry: 'backoff',
  },
  {
    pattern: /^OOM /,
    code: 'redis-full',
    message: 'Redis has reached its maxmemory and takes no more writes; give it more memory',
    retry: 'backoff',
  },
  {
    pattern: /WRONGTYPE/,
    code: 'bad-document',
    message: 'Something else is stored in the place of what should be there',
    retry: 'never',
  },
  {
    pattern: /^MISCONF/,
    code: 'redis-cannot-persist',
    message: 'Redis cannot write to its disk and takes no more writes; see its log',
    retry: 'backoff',
  },
  {
    pattern: /^(NOAUTH|WRONGPASS|NOPERM)|without any password configured/,
    code: 'redis-refused',
    message: 'Redis refuses the user or password of REDIS_URL, or its ACL forbids a command',
    retry: 'never',
  },
];

/** Translates an error of ioredis or BullMQ; a Failure stays as it is. What matches no rule is not retried. */
export function redisFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  // ioredis attaches the command and its arguments to the error: passwords of AUTH, whole kills.
  if (error instanceof Error) Reflect.deleteProperty(error, 'command');
  const text = error instanceof Error ? wordsOf(error) : String(error);
  const rule = rules.find(({ pattern }) => pattern.test(text));
  if (!rule)
    return new Failure('redis-error', `Redis answered with an unexpected error: ${text.trim()}`, { cause: error });
  return new Failure(rule.code, `${rule.message} (${text.trim()})`, { retry: rule.retry, cause: error });
}

/** Awaits `work` and throws only Failures. */
export async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw redisFailure(error);
  }
}

/** Its message, with its code unless the message contains it. */
function wordsOf(error: Error): string {
  const { message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return message.includes(code) ? message : `${message} ${code}`;
}

/** @throws Failure('redis-unreachable', backoff) when `work` takes longer than `ms` */
export function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return inTime(work, ms, () => {
    throw new Failure('redis-unreachable', `Redis did not answer within ${ms} ms; see that it runs`, {
      retry: 'backoff',
    });
  });
}
