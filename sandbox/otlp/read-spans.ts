import { readMessage } from './read-protobuf.ts';
import type { WireValue } from './read-protobuf.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** ms UTC, with parts of a millisecond. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
  /** Of the process that sent it. */
  readonly resource: Attributes;
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/*
 * opentelemetry/proto/trace/v1/trace.proto and collector/trace/v1/trace_service.proto, by the numbers of their fields.
 */

/** The spans of an ExportTraceServiceRequest. @throws Error for what is none */
export function readSpans(body: Buffer): readonly ReceivedSpan[] {
  return messages(readMessage(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const about = resource === undefined ? {} : attributesOf(resource, 1);
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => ({
        traceId: bytesOf(span, 1).toString('hex'),
        spanId: bytesOf(span, 2).toString('hex'),
        parentSpanId: bytesOf(span, 4).toString('hex'),
        name: bytesOf(span, 5).toString('utf8'),
        kind: kinds[Number(numberOf(span, 6))] ?? 'internal',
        startedAt: Number(numberOf(span, 7)) / 1e6,
        endedAt: Number(numberOf(span, 8)) / 1e6,
        attributes: attributesOf(span, 9),
        isError: messages(span, 15).some((status) => numberOf(status, 3) === 2n),
        resource: about,
      })),
    );
  });
}

type Message = ReturnType<typeof readMessage>;

function messages(message: Message, field: number): readonly Message[] {
  return (message.get(field) ?? []).map((value) => readMessage(bytesFrom(value)));
}

/** Empty where the field is absent. */
function bytesOf(message: Message, field: number): Buffer {
  return bytesFrom(message.get(field)?.at(-1) ?? Buffer.alloc(0));
}

function bytesFrom(value: WireValue): Buffer {
  if (typeof value === 'bigint') throw new Error('a number where bytes should be');
  return value;
}

/** 0 where the field is absent. */
function numberOf(message: Message, field: number): bigint {
  const value = message.get(field)?.at(-1) ?? 0n;
  if (typeof value !== 'bigint') throw new Error('bytes where a number should be');
  return value;
}

function attributesOf(message: Message, field: number): Attributes {
  return Object.fromEntries(
    messages(message, field).map((pair) => [bytesOf(pair, 1).toString('utf8'), valueOf(messages(pair, 2)[0])]),
  );
}

/** Texts, flags and numbers; what else an AnyValue can be nobody sends here. */
function valueOf(value: Message | undefined): string | number | boolean {
  if (value?.has(1)) return bytesOf(value, 1).toString('utf8');
  if (value?.has(2)) return numberOf(value, 2) === 1n;
  if (value?.has(3)) return Number(BigInt.asIntN(64, numberOf(value, 3)));
  if (value?.has(4)) return new Float64Array(new BigUint64Array([numberOf(value, 4)]).buffer)[0] ?? NaN;
  throw new Error('a value of a type that is not covered');
}
