import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { networkCode } from '../../core/network-code.ts';
import { bounded } from '../../core/units/text-bounds.ts';
import { boundedFetch } from '../bounded-fetch.ts';
import { mostAnswerBytes } from '../post-alarm.ts';
import { alertmanagerServer } from './alertmanager.ts';

const statusSchema = z.looseObject({ versionInfo: z.looseObject({ version: z.string() }) });

/** What an Alertmanager says of itself. `date`: the header of its answer. Nothing is sent but the question. @throws Failure */
export async function lookAtAlertmanager(
  url: string,
  token: string | null,
  timeoutMs: number,
): Promise<{ readonly base: string; readonly version: string; readonly date: string | null }> {
  const { base, headers } = alertmanagerServer(url, token);
  const fetch = boundedFetch({ timeoutMs, mostBytes: mostAnswerBytes, redirects: 'none' });
  let answer: Response;
  try {
    answer = await fetch(`${base}/api/v2/status`, { headers });
  } catch (error) {
    const why = error instanceof Failure ? error.message : (networkCode(error) ?? 'no answer in time');
    throw new Failure('receiver-unreachable', `${base} cannot be reached: ${why}.`, { retry: 'backoff', cause: error });
  }
  if (!answer.ok) throw new Failure('receiver-refused', `${base} answers ${answer.status} to /api/v2/status.`);
  const status = statusSchema.safeParse(await answer.json().catch(() => null));
  if (!status.success)
    throw new Failure('receiver-refused', `${base} is no Alertmanager: it does not tell its status.`);
  return { base, version: bounded(status.data.versionInfo.version, 'reason'), date: answer.headers.get('date') };
}
