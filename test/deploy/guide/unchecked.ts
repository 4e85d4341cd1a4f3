const released = 'it asks the registry about a release, which only the workflow of a release can make';
const elsewhere = 'test/flow/store/uninstalling.test.ts runs both, as the page has them';

/**
 * Commands of the documentation that no test here can try or read, each with the reason. One that no page shows any more
 * has to go.
 */
export const unchecked: Readonly<Record<string, string>> = {
  'cosign verify ghcr.io/oomkeeper/oomkeeper:0.2.0 --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity https://github.com/oomkeeper/oomkeeper/.github/workflows/release.yml@refs/tags/v0.2.0':
    released,
  "docker buildx imagetools inspect ghcr.io/oomkeeper/oomkeeper:0.2.0 --format '{{ json .SBOM }}'": released,
  'redis-cli -u "$REDIS_URL" --scan --pattern \'{oomkeeper:*\'': elsewhere,
  'xargs -n 500 redis-cli -u "$REDIS_URL" unlink': elsewhere,
};
