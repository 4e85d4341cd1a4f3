import { expect, test } from 'vitest';
import { readConfig, secretsOf } from '../../../../src/app/config/config.ts';
import { isTraced } from '../../../../src/app/config/tracing-variables.ts';

const read = (variables: Readonly<Record<string, string>>) =>
  readConfig({ OOMKEEPER_CLUSTER: 'prod', ...variables }, ['watcher']);

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['nothing', {}, false],
  ['an address', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  ['an address of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://tempo:4318/v1/traces' }, true],
  ['an address and the switch', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_SDK_DISABLED: 'true' }, false],
  ['a name alone', { OTEL_SERVICE_NAME: 'memory' }, false],
])('with %s traces are on or off', (_, variables, expected) => {
  expect(isTraced(read(variables))).toBe(expected);
});

test('the headers, which may hold a key, are secrets', () => {
  const config = read({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=one', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=two' });

  expect(secretsOf(config)).toEqual(expect.arrayContaining(['api-key=one', 'api-key=two']));
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key'],
  ['OTEL_SDK_DISABLED', 'yes'],
])('%s=%s is refused, with a right value beside it', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`${name} .*for example ${name}=`));
});
