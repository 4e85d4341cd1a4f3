import type { Log } from './slack-logger.ts';

export interface Lost {
  readonly error: Error;
  readonly body: object;
  readonly log: Log;
  readonly timeoutMs: number;
}

/** The last resort if a listener throws: tells the person that it was not done. Never throws. */
export async function answerLost({ error, body, log, timeoutMs }: Lost): Promise<void> {
  log.error({ error }, 'listener failed');
  if (!('response_url' in body) || typeof body.response_url !== 'string') return;
  const text = 'Something went wrong on my side, and I do not know whether this was recorded. Please try again.';
  try {
    await fetch(body.response_url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (unanswered) {
    log.error({ error: unanswered }, 'person left without an answer');
  }
}
