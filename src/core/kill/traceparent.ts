/** The context of a span, as W3C's `traceparent` says it. */
export interface SpanPlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Null for what is none (https://www.w3.org/TR/trace-context/#traceparent-header), also of a version that is not known. */
export function readTraceparent(text: string | undefined): SpanPlace | null {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? [];
  if (!isTraceId(traceId) || spanId === '0'.repeat(16)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, isSampled }: SpanPlace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** Whether a trace can have this id. The fingerprints of kills and warnings can all be one. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && text !== '0'.repeat(32);
}
