import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace as api } from '@opentelemetry/api';
import type { Context, Span as OtelSpan } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import { Failure } from '../../../core/failure.ts';
import { isTraceId, readTraceparent, writeTraceparent } from '../../../core/kill/traceparent.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { secondMs } from '../../../core/units/duration.ts';
import type { Span, Work } from '../../../core/trace.ts';
import { inTime } from '../../in-time.ts';
import { exportQuietly } from './export-quietly.ts';
import { triggerAttributes } from './trigger-attributes.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** How long a process waits at its end for what it has not sent yet. */
const lastMs = 2 * secondMs;
/** After this long what is finished is sent. */
const sendAfterMs = secondMs;

const kinds = {
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/**
 * Traces by OpenTelemetry, sent by OTLP over HTTP to where the standard variables say, which the exporter reads itself.
 * Nothing global is set, and nobody waits for it: at most 2048 spans are kept, and what does not fit is dropped.
 *
 * A span belongs to the context that its trigger carries. One that carries none begins a trace whose id is its fingerprint, so
 * that whatever is done for one kill is one trace, even by processes that know nothing of each other's spans.
 */
export function openTelemetry({ serviceName, log }: TracingOptions): Tracing {
  const here = new AsyncLocalStorage<Context>();
  const ids = new RandomIdGenerator();
  let traceIdOfRoot: string | null = null;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.namespace': 'oomkeeper' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    // A tracer asks for the id of a new trace while it starts the span that is its root.
    idGenerator: {
      generateSpanId: () => ids.generateSpanId(),
      generateTraceId: () => traceIdOfRoot ?? ids.generateTraceId(),
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: exportQuietly(new OTLPTraceExporter(), log),
        scheduledDelayMillis: sendAfterMs,
      }),
    ],
  });
  const tracer = provider.getTracer('oomkeeper');

  const start = ({ name, kind, of, startedAt, attributes }: Work, parent: Context): OtelSpan => {
    traceIdOfRoot = of !== undefined && isTraceId(of.fingerprint) ? of.fingerprint : null;
    try {
      return tracer.startSpan(
        name,
        {
          kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
          attributes: { ...(of === undefined ? {} : triggerAttributes(of)), ...attributes },
          ...(startedAt === undefined ? {} : { startTime: startedAt }),
        },
        parent,
      );
    } finally {
      traceIdOfRoot = null;
    }
  };

  return {
    trace: async (work, run) => {
      const parent = work.of === undefined ? here.getStore() : contextOf(work.of, here.getStore());
      if (parent === undefined) return run({ note: () => undefined, carriedBy: (trigger) => trigger });
      const span = start(work, parent);
      try {
        return await here.run(api.setSpan(parent, span), () => run(asOurs(span)));
      } catch (error) {
        // NOTE: the code alone: what an error says may come from a log or hold a secret.
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', error instanceof Failure ? error.code : 'unknown');
        throw error;
      } finally {
        span.end();
      }
    },
    bind: (call) => {
      const context = here.getStore();
      return context === undefined ? call : (...args) => here.run(context, () => call(...args));
    },
    stop: () => inTime(provider.shutdown(), lastMs, () => undefined).catch(() => undefined),
  };
}

/** Where the work for a trigger belongs: below the work that is going on for it, else below what it carries. */
function contextOf(trigger: Trigger, current: Context | undefined): Context {
  const carried = readTraceparent(trigger.traceparent);
  const running = current === undefined ? undefined : api.getSpanContext(current);
  const traceId = carried?.traceId ?? trigger.fingerprint;
  if (current !== undefined && running?.traceId === traceId) return current;
  if (carried === null) return ROOT_CONTEXT;
  const { spanId, isSampled } = carried;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return api.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function asOurs(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = writeTraceparent({ traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 });
  return {
    note: (attributes) => void span.setAttributes(attributes),
    carriedBy: (trigger) => ({ ...trigger, traceparent }),
  };
}
