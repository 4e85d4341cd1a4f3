/** What the formulas of others see of a trace. Bytes. */
export interface Sized {
  /** The largest sample of any run. */
  readonly observedBytes: number;
  /** The limit at the kill. */
  readonly limitBytes: number;
  readonly requestBytes: number | null;
}

/** The limit that a formula proposes, bytes. */
export type Baseline = (sized: Sized) => number;

const mib = 2 ** 20;
/** The curve of constant factors, beside x 1.25 and x 2, which somebody ships. */
const factors = [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.75, 2.25, 2.5];

/**
 * What others would set, from their published formulas, each with what it can see of a trace. They are not rounded.
 *
 * - `vpa`: the sample after a kill is max(base + 100Mi, base x 1.2) with base = max(request, peak); the p90 of the daily
 *   peaks (here there is one day) + 15% (kubernetes/autoscaler, pkg/recommender).
 * - `krr`: the maximum x 1.15, at least 100Mi; `krrWithOom` with its opt-in: at least the limit at the kill x 1.25.
 * - `fairwinds`: the limit x 1.25.
 */
export const baselines: Readonly<Record<string, Baseline>> = {
  vpa: ({ observedBytes, requestBytes }) => {
    const base = Math.max(observedBytes, requestBytes ?? 0);
    return Math.max(base + 100 * mib, base * 1.2) * 1.15;
  },
  krr: ({ observedBytes }) => krr(observedBytes),
  krrWithOom: ({ observedBytes, limitBytes }) => Math.max(krr(observedBytes), limitBytes * 1.25),
  fairwinds: ({ limitBytes }) => limitBytes * 1.25,
  ...Object.fromEntries(factors.map((factor) => [`limit x ${factor}`, ({ limitBytes }: Sized) => limitBytes * factor])),
  observedPlusHalf: ({ observedBytes }) => observedBytes * 1.5,
  double: ({ limitBytes }) => limitBytes * 2,
};

function krr(observedBytes: number): number {
  return Math.max(100 * mib, observedBytes * 1.15);
}
