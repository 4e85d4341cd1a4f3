import { noTracing } from './tracing.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** Loads OpenTelemetry only where it is used: that costs a process 12 MiB. */
export async function startTracing(isOn: boolean, options: TracingOptions): Promise<Tracing> {
  if (!isOn) return noTracing;
  return (await import('./open-telemetry.ts')).openTelemetry(options);
}
