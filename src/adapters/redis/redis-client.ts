import type { Cluster, Redis } from 'ioredis';

/** A connection to one server, to the primary that sentinels know, or to a Redis Cluster: all that we ask of them is alike. */
export type RedisClient = Redis | Cluster;
