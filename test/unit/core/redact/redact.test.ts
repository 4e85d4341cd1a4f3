import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { redact, redactLines } from '../../../../src/core/redact/redact.ts';

/** Made up, but of the form of real ones; cut in two, so that no scanner takes this file for a leak. */
const of = (...parts: readonly string[]): string => parts.join('');
const github = of('ghp', '_16C7e42F292c6912E7710c838347Ae178B4a');
const jwt = of('eyJ', 'hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N');
const aws = of('AKIA', 'IOSFODNN7EXAMPLE');
const slack = of('xoxb', '-17653672481-19874698323-pdFZKVeTuE8sk7oOHcbrzqgy');
const pemLine = 'MIIEpAIBAAKCAQEA04up8hoqzS1+APIB0RhjXyObwHQnOzhAk5Bd7mhkSbPkyhP1';

describe('a secret is hidden, and nothing else of its line', () => {
  test.each([
    ['redis://:hunter2@a:6379,b:6379,c/0', 'redis://[redacted]@a:6379,b:6379,c/0'],
    [
      'redis+sentinel://app:p%40ss@a:26379,b:26379/mymaster?sentinel-user=x&sentinel-password=hunter2',
      'redis+sentinel://[redacted]@a:26379,b:26379/mymaster?sentinel-user=x&sentinel-password=[redacted]',
    ],
    ['GET http://ops:pw@prometheus:9090/api failed', 'GET http://[redacted]@prometheus:9090/api failed'],
    ['amqp://u:p@h/%2f and postgres://u:q@h:5432/db', 'amqp://[redacted]@h/%2f and postgres://[redacted]@h:5432/db'],
    ['cloning https://ghx@github.com/acme/shop', 'cloning https://[redacted]@github.com/acme/shop'],
    ['url=mysql://root:a/b?c#d@db:3306/x', 'url=mysql://[redacted]@db:3306/x'],
    ['GET /blob?sv=2024&sig=aBc%2Bd&limit=5', 'GET /blob?sv=2024&sig=[redacted]&limit=5'],
    ['GET /x?access_token=abc&page=2 200', 'GET /x?access_token=[redacted]&page=2 200'],
    ['DB_PASSWORD=hunter2', 'DB_PASSWORD=[redacted]'],
    ['DB_PASS=hunter2 DB_HOST=db', 'DB_PASS=[redacted] DB_HOST=db'],
    ['password: "correct horse" user: bob', 'password: "[redacted]" user: bob'],
    ['{"user":"bob","password":"hu\\"nter2","heap":"512m"}', '{"user":"bob","password":"[redacted]","heap":"512m"}'],
    ['body: {\\"apiKey\\":\\"abc\\",\\"n\\":1}', 'body: {\\"apiKey\\":\\"[redacted]\\",\\"n\\":1}'],
    ['{"name":"DB_PASSWORD","value":"hunter2"}', '{"name":"DB_PASSWORD","value":"[redacted]"}'],
    ['Conf{host=db, password=hunter2, pool=5}', 'Conf{host=db, password=[redacted], pool=5}'],
    ['a=1,client_secret=s3,b=2', 'a=1,client_secret=[redacted],b=2'],
    ['-Djavax.net.ssl.keyStorePassword=changeit -Xmx512m', '-Djavax.net.ssl.keyStorePassword=[redacted] -Xmx512m'],
    ['exec app --api-key abc --token=def --heap 512m', 'exec app --api-key [redacted] --token=[redacted] --heap 512m'],
    ['<password>hunter2</password>', '<password>[redacted]</password>'],
    ['Authorization: Basic dXNlcjpwdw==', 'Authorization: Basic [redacted]'],
    ['curl -H "Authorization: Bearer abc.def" http://x', 'curl -H "Authorization: Bearer [redacted]" http://x'],
    ['sent bearer 0123456789abcdef to upstream', 'sent bearer [redacted] to upstream'],
    ['Cookie: sid=abc; theme=dark', 'Cookie: [redacted]'],
    [`using token 9f86d081884c7d659a2feaa0c55ad015 for login`, 'using token [redacted] for login'],
    ['AWS secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY now', 'AWS secret is [redacted] now'],
    [`key ${aws} denied`, 'key [redacted] denied'],
    [`push with ${github} failed`, 'push with [redacted] failed'],
    [`jwt=${jwt}`, 'jwt=[redacted]'],
    [`slack says no to ${slack}.`, 'slack says no to [redacted].'],
    [`key: -----BEGIN PRIVATE KEY-----\\n${pemLine}\\n-----END PRIVATE KEY----- loaded`, 'key: [redacted] loaded'],
    [`12:00:01 ${pemLine}`, '12:00:01 [redacted]'],
  ])('%s', (line, hidden) => {
    expect(redact(line)).toBe(hidden);
    expect(redact(hidden)).toBe(hidden);
  });
});

test('a key over several lines is hidden, whole or cut, and what comes after it is not', () => {
  const lines = [
    `1 ${pemLine}`,
    '2 -----BEGIN RSA PRIVATE KEY-----',
    `3 ${pemLine}`,
    '4 Ab3=',
    '5 java.lang.OutOfMemoryError',
  ];
  const whole = ['-----BEGIN EC PRIVATE KEY-----', 'MHcCAQEEIIrY', '-----END EC PRIVATE KEY-----', 'Killed'];

  expect(redactLines(lines)).toEqual(['1 [redacted]', '2 [redacted]', '3 [redacted]', '4 [redacted]', lines[4]]);
  expect(redactLines(whole)).toEqual(['[redacted]', '[redacted]', '[redacted]', 'Killed']);
});

describe('what a diagnosis needs stays as it is', () => {
  test.each([
    'java.lang.OutOfMemoryError: Java heap space',
    'Exception in thread "main" java.lang.OutOfMemoryError: GC overhead limit exceeded',
    'Picked up JAVA_TOOL_OPTIONS: -Xmx512m -XX:MaxRAMPercentage=75.0 -XX:+ExitOnOutOfMemoryError',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    '<--- Last few GCs --->',
    '[1:0x7f] 5012 ms: Mark-Compact 253.4 (259.1) -> 252.9 (259.4) MB, 12.3 / 0.0 ms',
    'fatal error: runtime: out of memory',
    'goroutine 1 [running]: runtime.throw({0x4c2f3e?, 0x7ffe?}) /usr/local/go/src/runtime/panic.go:1047 +0x5d fp=0xc0000',
    'MemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type float64',
    'max_new_tokens=512 tokens: 4096 prompt tokens=1024 token budget 8192',
    'SyntaxError: Unexpected token: } in JSON at position 4',
    'loaded tokenizer=bert-base tokenizer: fast in 312 ms',
    'Error: secret "shop-db-credentials" not found; password authentication failed for user "app"',
    'token_type=bearer expires; password_file=/run/secrets/db secretName: shop-db tokenExpiry=3600',
    'PWD=/srv/app bypass=on compass=north passed=12 pass=3 fail=0',
    'basic authentication is off, bearer authentication is on',
    'pulled shop@sha256:9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015',
    'npm i https://registry.example.com/@acme/shop and http://10.0.0.1:9090/x?query=up mail ops@example.com',
    '/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so mapped at 7f0000000000-7f00000ff000',
    'query_range container_memory_working_set_bytes{namespace="shop",pod="checkout-7d9f8b6c5-x2x4z"}',
    'GOMEMLIMIT=460MiB, GOGC=100, token=null, secret=${VAULT}, password=********',
    '',
  ])('%s', (line) => {
    expect(redact(line)).toBe(line);
  });
});

test('every text of the recorded clusters that names no secret stays as it is, byte for byte', () => {
  const root = new URL('../../../recordings/captures/', import.meta.url);
  const messages = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ndjson|jsonl|txt|log)$/.test(name))
    .flatMap((name) => [...readFileSync(new URL(name, root), 'utf8').matchAll(/"message":"((?:[^"\\]|\\.)*)"/g)])
    .map(([, message = '']) => message.replaceAll('\\n', '\n').replaceAll('\\"', '"'));

  expect(messages.length).toBeGreaterThan(20);
  expect(messages.filter((message) => redact(message) !== message)).toEqual([]);
});
