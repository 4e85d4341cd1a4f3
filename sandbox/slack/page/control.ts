/** The sandbox's control API, as this page uses it (same origin). */
import * as z from 'zod/mini';
import { workspaceSchema, type Workspace } from './workspace.ts';

export interface Click {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly action_id: string;
  readonly block_id?: string | undefined;
  readonly value?: string | undefined;
}
export interface Command {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
}
export interface ViewAct {
  readonly user: string;
  readonly action_id: string;
  readonly block_id?: string | undefined;
  readonly value?: string | undefined;
  readonly enter?: boolean | undefined;
}
export interface Submission {
  readonly user: string;
  /** By block. */
  readonly values: Readonly<Record<string, string>>;
}
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: string };

const answer = z.looseObject({ ok: z.boolean(), error: z.optional(z.string()) });

const outcomeOf = async (response: Response): Promise<Outcome> => {
  const parsed = answer.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return { ok: false, error: `http_${response.status}` };
  return parsed.data.ok ? { ok: true } : { ok: false, error: parsed.data.error ?? `http_${response.status}` };
};

const post = async (path: string, body: object): Promise<Outcome> => {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await outcomeOf(response);
  } catch {
    return { ok: false, error: 'sandbox_unreachable' };
  }
};

/** Presses a button or picks an option. Resolves when the bot has acknowledged or Slack gave up waiting. */
export const sendClick = (click: Click): Promise<Outcome> => post('/slack/click', click);

/** Runs a slash command. Resolves as `sendClick` does. */
export const sendCommand = (command: Command): Promise<Outcome> => post('/slack/command', command);

/** Types or presses in the modal that is open. Resolves at once where the app is not told of it. */
export const sendViewAct = (act: ViewAct): Promise<Outcome> => post('/slack/view/act', act);

/** Submits a modal. What is wrong with it then stands in the workspace, beside the inputs. */
export const sendSubmission = (submission: Submission): Promise<Outcome> => post('/slack/view/submit', submission);

/** Closes the modal that a person has open. */
export const sendClose = (user: string): Promise<Outcome> => post('/slack/view/close', { user });

/** Opens the app's Home tab. */
export const sendHomeOpen = (user: string): Promise<Outcome> => post('/slack/home/open', { user });

/** Presses a button in it. Resolves as `sendClick` does. */
export const sendHomeAct = (act: ViewAct): Promise<Outcome> => post('/slack/home/act', act);

/** The whole workspace. Throws when the sandbox doesn't answer or answers something else. */
export const fetchWorkspace = async (signal: AbortSignal): Promise<Workspace> => {
  const response = await fetch('/slack/state', { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`GET /slack/state answered ${response.status}`);
  return workspaceSchema.parse(await response.json());
};
