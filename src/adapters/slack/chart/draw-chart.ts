import { fileURLToPath } from 'node:url';
import { renderAsync } from '@resvg/resvg-js';
import type { ChartSeries } from '../../../core/evidence/chart-series.ts';
import { chartAltText, chartSvg } from './chart-svg.ts';

/** A picture and what it shows in words. */
export interface Chart {
  readonly png: Uint8Array;
  readonly altText: string;
}

// NOTE: without bundled fonts resvg silently leaves out all text.
const fontFiles = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
  fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${file}`)),
);

/** Draws the chart as a PNG at twice its size, for high-resolution screens, without blocking the event loop. */
export async function drawChart(series: ChartSeries): Promise<Chart> {
  const picture = await renderAsync(chartSvg(series), {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Inter' },
  });
  return { png: picture.asPng(), altText: chartAltText(series) };
}
