import { Redis } from 'ioredis';

/** What is wrong with `redis-cli -u "$REDIS_URL" COMMAND …`: a real Redis takes the command, on keys that it has not. */
export async function checkRedisCli([, ...words]: readonly string[], url: string): Promise<readonly string[]> {
  const [option, address, command = '', ...args] = words;
  if (option !== '-u' || address !== '$REDIS_URL') return ['it is given the address by -u "$REDIS_URL"'];
  const redis = new Redis(url);
  try {
    await redis.call(command, ...args);
    return [];
  } catch (error) {
    return [String(error)];
  } finally {
    redis.disconnect();
  }
}
