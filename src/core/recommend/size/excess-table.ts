/*
 * Written by `npm run calibrate` from the labelled traces that show a kill and a true peak: how many there are of each
 * group, and the mean of peak / limit - 1 in them.
 */
export const excessTable = {
  child: { traces: 13, mean: 0.487 },
  files: { traces: 12, mean: 0.561 },
  growingPeaks: { traces: 12, mean: 0.159 },
  peaks: { traces: 4, mean: 0.084 },
  slowing: { traces: 8, mean: 0.059 },
  start: { traces: 21, mean: 0.379 },
  steady: { traces: 12, mean: 0.299 },
  sudden: { traces: 7, mean: 0.281 },
} as const;
