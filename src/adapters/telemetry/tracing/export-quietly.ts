import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingOptions } from './tracing.ts';

/** The exporter, whose trouble is logged once, and once more that it is over. Its errors end here. */
export function exportQuietly(exporter: SpanExporter, log: TracingOptions['log']): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const isTaken = result.code === ExportResultCode.SUCCESS;
        if (isTaken && isFailing) log.info({}, 'traces are taken again');
        if (!isTaken && !isFailing) log.warn({ error: result.error }, 'traces cannot be sent');
        isFailing = !isTaken;
        // Nobody would do anything about a failure but write it to the standard error.
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
