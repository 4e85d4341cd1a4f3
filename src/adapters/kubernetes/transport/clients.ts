import {
  AppsV1Api,
  AuthorizationV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import type { Transport } from './transport.ts';

/** What the library puts before each path. Not the server's own address, of which it would write `:443` otherwise. */
const nowhere = 'https://cluster';

/**
 * The library's typed clients, for what is sent to a cluster. They go over a transport, so that their calls have its
 * connections, credentials, bounds and Failures like all others. What is read of objects comes as plain JSON from the
 * transport itself: a client would make a `Date` of each time, drop the fields that are younger than it is, and so give
 * pods another shape than a watch does (docs/decisions/0024-client-node.md).
 * @param deadlineMs of each call
 */
export function clientsOver(transport: Transport, deadlineMs: number) {
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(nowhere, {}),
    httpApi: wrapHttpLibrary({
      send: async (request) => {
        const body = request.getBody();
        const answer = await transport.answer({
          method: request.getHttpMethod(),
          path: request.getUrl().slice(nowhere.length),
          ...(typeof body === 'string' ? { body } : {}),
          contentType: request.getHeaders()['Content-Type'] ?? 'application/json',
          deadlineMs,
        });
        const text = JSON.stringify(answer.body);
        return new ResponseContext(
          200,
          { 'content-type': 'application/json' },
          { text: () => Promise.resolve(text), binary: () => Promise.resolve(Buffer.from(text)), stream: () => null },
        );
      },
    }),
  });
  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    authorization: new AuthorizationV1Api(configuration),
  };
}
