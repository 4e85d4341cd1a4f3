import type { IncomingHttpHeaders } from 'node:http';

import type { SandboxClock } from '../../clock.ts';
import type { MetricsSource, MetricsState } from '../cluster/usage.ts';
import type { LogSource } from '../kubelet/logs.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Access, User } from './access.ts';
import type { ApiResource } from './coverage.ts';

/** What the answers of one server share. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly access: Access;
  readonly logs: LogSource;
  readonly metrics: { readonly source: MetricsSource; readonly state: () => MetricsState };
  /** RFC 3339 with whole seconds, of the clock's now or of the given ms UTC. */
  readonly timestamp: (at?: number) => string;
}

/** One authorized request for a covered resource. */
export interface ApiCall {
  readonly context: ApiContext;
  readonly user: User;
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
