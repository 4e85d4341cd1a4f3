import { ApiError, notFound } from '../api-error.ts';
import { type Answer, type Call, created, ok } from './call.ts';
import { timeText } from './json.ts';

/** NOTE: no hour is counted here; a limit that is reached is a fault on demand. */
export function getRateLimit({ state }: Call): Answer {
  const reset = Math.ceil(state.clock.now() / 1000) + 3_600;
  const core = { limit: 5_000, used: 0, remaining: 5_000, reset };
  return ok({ resources: { core }, rate: core });
}

export function getApp({ accounts, caller }: Call): Answer {
  needApp(caller.kind);
  const { id, permissions, slug } = accounts.app;
  return ok({ id, slug, name: 'Oomkeeper', permissions });
}

export function postToken({ accounts, caller, parameter, state }: Call): Answer {
  needApp(caller.kind);
  const installation = Number(parameter('installation_id'));
  const owner = accounts.ownerOf(installation);
  const isSomewhere = [...state.repositories.values()].some(
    (one) => one.owner.login.toLowerCase() === owner && one.installed,
  );
  if (!isSomewhere) throw notFound();
  const { expiresAt, token } = accounts.issue(installation);
  const { permissions } = accounts.app;
  return created({ token, expires_at: timeText(expiresAt), permissions, repository_selection: 'all' });
}

/** What only the app itself may ask, with the token that it signs. */
export function needApp(kind: Call['caller']['kind']): void {
  if (kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded');
}
