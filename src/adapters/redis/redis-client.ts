import type { Cluster, Redis } from 'ioredis';

/** A connection to one server, to the primary that sentinels know, or to a Redis Cluster: we use them all alike. */
export type RedisClient = Redis | Cluster;
