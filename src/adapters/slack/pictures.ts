import { setTimeout as sleep } from 'node:timers/promises';
import type { types, webApi } from '@slack/bolt';
import type { ChartSeries } from '../../core/evidence/chart-series.ts';
import { Failure } from '../../core/failure.ts';
import { createRecent } from '../../core/units/recent.ts';
import { inTime } from '../in-time.ts';
import { fit } from './blocks/fit.ts';
import type { Message } from './blocks/root.ts';
import { drawChart } from './chart/draw-chart.ts';
import { asSlackFailure } from './slack-failure.ts';
import type { Log } from './slack-logger.ts';
import { uploadFile } from './upload-file.ts';

/** An entry waits no longer than this for its chart, ms. */
const uploadMs = 10_000;
/** Pauses before each attempt to post, ms: some files take longer. */
const pausesMs = [0, 1_000, 2_000];
const mostAltText = 2000;
const remembered = 100;

/** Charts that were uploaded and wait to be shown. */
export interface Pictures {
  /** Draws and uploads, once per id; a failure is logged, and there is no chart. Never throws. */
  readonly upload: (id: string, series: ChartSeries) => Promise<void>;
  /** The block that shows it; null if there is none. */
  readonly of: (id: string) => types.ImageBlock | null;
}

export interface PicturesOptions {
  readonly client: webApi.WebClient;
  readonly log: Log;
  /** Slack processes a new file for a moment and refuses messages with it until then; ms, one second by default. */
  readonly settleMs?: number;
}

export function createPictures({ client, log, settleMs = 1_000 }: PicturesOptions): Pictures {
  const blocks = createRecent<types.ImageBlock>(remembered);

  return {
    upload: async (id, series) => {
      if (blocks.get(id) !== undefined) return;
      try {
        const uploading = uploadChart(client, series, settleMs);
        blocks.set(
          id,
          await inTime(uploading, uploadMs, () => {
            throw new Failure('chat-upload-failed', `Slack did not take the chart within ${uploadMs / 1000} s.`);
          }),
        );
      } catch (error) {
        log.warn({ error, chart: id }, 'chart not uploaded');
      }
    },
    of: (id) => blocks.get(id) ?? null,
  };
}

async function uploadChart(client: webApi.WebClient, series: ChartSeries, settleMs: number): Promise<types.ImageBlock> {
  const { png, altText } = await drawChart(series);
  const title = fit(`Memory of ${series.title}`, 200);
  const id = await uploadFile(client, { name: 'memory.png', title, bytes: png, altText }, null);
  await sleep(settleMs);
  return { type: 'image', slack_file: { id }, alt_text: fit(altText, mostAltText) };
}

/**
 * Posts with the chart below the first block; null if Slack keeps refusing the chart and nothing was posted.
 * @throws Failure
 */
export async function postWithPicture<T>(
  message: Message,
  picture: types.ImageBlock,
  send: (message: Message) => Promise<T>,
): Promise<T | null> {
  const [first, ...rest] = message.blocks;
  const blocks = first === undefined ? [picture] : [first, picture, ...rest];
  for (const pauseMs of pausesMs) {
    await sleep(pauseMs);
    try {
      return await send({ ...message, blocks });
    } catch (error) {
      const failure = asSlackFailure(error, 'chat.postMessage');
      if (failure.code !== 'chat-invalid-message') throw failure;
    }
  }
  return null;
}
