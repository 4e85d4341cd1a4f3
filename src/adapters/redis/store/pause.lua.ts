import { defineNamedScript } from '../script.ts';

/**
 * Sets `pause` or, without one, ends it, and counts the change. Every open incident shows it, so all of them are due
 * for the bot.
 */
export const changePause = defineNamedScript(`
if given.pause then redis.call('SET', keys.pause, given.pause) else redis.call('DEL', keys.pause) end
redis.call('HINCRBY', keys.pauseChange, 'count', 1)
redis.call('HSET', keys.pauseChange, 'change', given.change)
redis.call('ZUNIONSTORE', keys.dueBot, 2, keys.dueBot, keys.open, 'WEIGHTS', 1, 0, 'AGGREGATE', 'MIN')
return 1
`);
