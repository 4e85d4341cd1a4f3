import { z } from 'zod';
import { defaulted, needed } from './about-variable.ts';
import type { ProcessName } from './about-variable.ts';
import { url } from './shapes.ts';

const everyProcess: readonly ProcessName[] = ['watcher', 'worker', 'bot'];

/**
 * OpenTelemetry's own variables, as its specification names them. Its exporter reads them itself, and some more for TLS,
 * compression and time limits (docs/operations.md); here they are checked, explained and kept out of the log.
 */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: needed(url, {
    group: 'option',
    meaning:
      'OTLP receiver for traces, by HTTP; /v1/traces is appended. Without it no traces, and nothing is loaded for them.',
    example: 'http://otel-collector.monitoring:4318',
    readBy: everyProcess,
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: needed(url, {
    group: 'option',
    meaning: 'The same for traces alone, as the full address; goes before the one above.',
    example: 'http://tempo.monitoring:4318/v1/traces',
    readBy: everyProcess,
  }),
  OTEL_EXPORTER_OTLP_HEADERS: needed(headers(), {
    group: 'option',
    meaning: 'Headers for the receiver of traces, such as its key: name=value, separated by commas, percent-encoded.',
    example: 'api-key=a-long-random-text',
    readBy: everyProcess,
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: needed(headers(), {
    group: 'option',
    meaning: 'The same for traces alone.',
    example: 'api-key=a-long-random-text',
    readBy: everyProcess,
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: defaulted(
    z.literal('http/protobuf', { error: 'must be http/protobuf: gRPC and JSON are not supported' }),
    {
      group: 'limit',
      meaning: 'How traces are sent. Receivers take http/protobuf on port 4318.',
      fallback: 'http/protobuf',
      example: 'http/protobuf',
      readBy: everyProcess,
    },
  ),
  OTEL_SERVICE_NAME: needed(z.string(), {
    group: 'option',
    meaning: 'What this process is called in traces. Without it oomkeeper-watcher, oomkeeper-worker or oomkeeper-bot.',
    example: 'oomkeeper-worker',
    readBy: everyProcess,
  }),
  OTEL_RESOURCE_ATTRIBUTES: needed(z.string(), {
    group: 'option',
    meaning: 'What else traces say about this process: name=value, separated by commas, percent-encoded.',
    example: 'deployment.environment.name=production',
    readBy: everyProcess,
  }),
  OTEL_SDK_DISABLED: defaulted(
    z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true'),
    {
      group: 'option',
      meaning: 'true = no traces, whatever the other variables say.',
      fallback: 'false',
      example: 'true',
      readBy: everyProcess,
    },
  ),
};

function headers() {
  return z.string().regex(/^[^=,]+=[^,]*(?:,[^=,]+=[^,]*)*$/, 'must be name=value, separated by commas');
}

/** Whether traces are on. */
export function isTraced({
  OTEL_SDK_DISABLED: isDisabled,
  OTEL_EXPORTER_OTLP_ENDPOINT: all,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
}: {
  readonly OTEL_SDK_DISABLED: boolean;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
}): boolean {
  return !isDisabled && (all ?? traces) !== undefined;
}
