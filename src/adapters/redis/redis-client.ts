import type { Cluster, Redis } from 'ioredis';

/** A connection to one server, to the primary behind sentinels, or to a Redis Cluster: all are used alike. */
export type RedisClient = Redis | Cluster;
