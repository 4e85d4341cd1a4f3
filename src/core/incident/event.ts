import type { Means, Plan } from '../remediate/plan.ts';
import type { Entry, Explained, Incident } from './incident.ts';

export type Outcome = 'held' | 'failed' | 'vanished' | 'overshot' | 'inconclusive';

export type RemediationEvent =
  | {
      readonly type: 'requested';
      readonly plan: string;
      readonly by: string;
      readonly at: number;
      readonly expiresAt: number;
    }
  | { readonly type: 'approved'; readonly plan: string; readonly by: string; readonly at: number }
  | { readonly type: 'rejected'; readonly plan: string; readonly by: string; readonly at: number }
  | { readonly type: 'expired'; readonly plan: string; readonly at: number }
  | { readonly type: 'stale'; readonly plan: string; readonly at: number; readonly why: string }
  | { readonly type: 'applying'; readonly plan: string; readonly at: number; readonly means: Means }
  | { readonly type: 'wrote'; readonly plan: string; readonly at: number }
  | {
      readonly type: 'fell-back';
      readonly plan: string;
      readonly at: number;
      readonly means: Means;
      readonly why: string;
    }
  | { readonly type: 'applied'; readonly plan: string; readonly at: number; readonly seen: string }
  | { readonly type: 'watched'; readonly plan: string; readonly at: number; readonly verifyAt: number }
  | {
      readonly type: 'verified';
      readonly plan: string;
      readonly at: number;
      readonly outcome: Outcome;
      readonly seen: string;
    }
  | { readonly type: 'failed'; readonly plan: string; readonly at: number; readonly why: string };

export type IncidentEvent =
  | RemediationEvent
  | {
      readonly type: 'explained';
      readonly explained: Explained;
      readonly plan: Plan | null;
      readonly mode: Incident['mode'];
      readonly entries: readonly Entry[];
    }
  | { readonly type: 'acknowledged'; readonly by: string; readonly at: number }
  | {
      readonly type: 'answered';
      readonly to: string;
      readonly at: number;
      readonly text: string;
      readonly people: readonly string[];
    }
  | { readonly type: 'closed'; readonly outcome: 'quiet' | 'gone'; readonly at: number };
