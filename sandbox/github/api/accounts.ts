import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { ApiError } from '../api-error.ts';
import type { Actor, GithubState, Repository } from '../github-state.ts';
import { checkAppToken } from './app-token.ts';
import { fullPermissions, type Permissions } from './permissions.ts';

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly permissions: Permissions;
  /** PEM, PKCS #1, as GitHub hands it out. */
  readonly privateKey: string;
  readonly publicKey: KeyObject;
}

export interface PersonalToken {
  readonly token: string;
  readonly login: string;
  readonly permissions: Permissions;
}

/** Who calls. `key` is what GitHub calls them where they reached a limit. */
export type Caller =
  | { readonly kind: 'anonymous'; readonly key: string }
  | { readonly kind: 'app'; readonly key: string }
  | { readonly kind: 'person'; readonly key: string; readonly actor: Actor; readonly permissions: Permissions }
  | {
      readonly kind: 'installation';
      readonly key: string;
      readonly actor: Actor;
      readonly permissions: Permissions;
      readonly sees: (repository: Repository) => boolean;
    };

export interface IssuedToken {
  readonly token: string;
  /** ms UTC. */
  readonly expiresAt: number;
}

export interface Accounts {
  readonly app: App;
  readonly bot: Actor;
  /** The app's installation on the account that owns a repository, whether or not it covers it. */
  readonly installationOf: (owner: string) => number;
  readonly ownerOf: (installation: number) => string | undefined;
  readonly issue: (installation: number) => IssuedToken;
  /** Who sent an `authorization` header. @throws ApiError 401, or 404 for an unknown app */
  readonly callerOf: (header: string | undefined) => Caller;
}

/** GitHub's life of an installation's token. */
const tokenLifeMs = 3_600_000;
const firstInstallation = 52_000_001;

/** The app with a fresh key, its installations and tokens, and the personal tokens. */
export async function createAccounts(state: GithubState, personal: readonly PersonalToken[]): Promise<Accounts> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const app: App = {
    id: 731_001,
    slug: 'oomkeeper',
    permissions: fullPermissions,
    privateKey: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: pair.publicKey,
  };
  const bot = state.actor(`${app.slug}[bot]`);
  const owners: string[] = [];
  const issued = new Map<string, { readonly expiresAt: number; readonly caller: Caller }>();

  return {
    app,
    bot,
    installationOf: (owner) => {
      const place = owners.indexOf(owner.toLowerCase());
      return firstInstallation + (place === -1 ? owners.push(owner.toLowerCase()) - 1 : place);
    },
    ownerOf: (installation) => owners[installation - firstInstallation],
    issue: (installation) => {
      const owner = owners[installation - firstInstallation];
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const expiresAt = state.clock.now() + tokenLifeMs;
      const sees = (one: Repository): boolean => one.installed && one.owner.login.toLowerCase() === owner;
      const key = `installation ID ${installation}`;
      const caller = { kind: 'installation', key, actor: bot, permissions: app.permissions, sees } as const;
      issued.set(token, { expiresAt, caller });
      return { token, expiresAt };
    },
    callerOf: (header) => {
      if (header === undefined) return { kind: 'anonymous', key: 'anonymous' };
      const token = /^(?:bearer|token) (.+)$/i.exec(header)?.[1] ?? '';
      if (token.split('.').length === 3) {
        checkAppToken(token, { publicKey: app.publicKey, issuer: String(app.id), now: state.clock.now() });
        return { kind: 'app', key: 'app' };
      }
      const entry = issued.get(token);
      if (entry !== undefined && entry.expiresAt > state.clock.now()) return entry.caller;
      const own = personal.find((one) => one.token === token);
      if (own === undefined) throw new ApiError(401, 'Bad credentials');
      const actor = state.actor(own.login);
      return { kind: 'person', key: `user ID ${actor.id}`, actor, permissions: own.permissions };
    },
  };
}
