import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import type { ApiServer } from '../../../../sandbox/kubernetes/server/api-server.ts';
import { createServerCertificate, kubeconfigText } from '../../../../sandbox/kubernetes/server/server-certificate.ts';

export interface RewritingProxy {
  readonly kubeconfig: string;
  /** What becomes of a line of a watch, and of a list as a whole. */
  rewrite: (text: string, is: 'watch' | 'list') => string;
  /** What is answered to a request for this path and query instead of the server's answer; null: that. */
  refuse: (path: string) => { readonly status: number; readonly body: string } | null;
  readonly close: () => Promise<void>;
}

/** An HTTPS server in front of an API server that decodes what it passes on and encodes it anew, in its own way. */
export async function startRewritingProxy(api: ApiServer): Promise<RewritingProxy> {
  const { key, certificate } = await createServerCertificate();
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = proxy.refuse(request.url ?? '');
    if (refusal !== null) {
      response.writeHead(refusal.status, { 'content-type': 'application/json' }).end(refusal.body);
      return;
    }
    const asked = httpsRequest(`${api.url}${request.url ?? ''}`, {
      method: request.method,
      headers: request.headers,
      ca: api.certificate,
      agent: false,
    });
    request.pipe(asked);
    response.on('close', () => asked.destroy());
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const { date = '' } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json', date });
    if (request.url?.includes('watch=1') && answer.statusCode === 200) {
      response.flushHeaders();
      for await (const line of createInterface({ input: answer })) response.write(`${proxy.rewrite(line, 'watch')}\n`);
    } else {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
      response.write(answer.statusCode === 200 ? proxy.rewrite(text, 'list') : text);
    }
    response.end();
  };
  const server = createServer({ key, cert: certificate }, (request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: RewritingProxy = {
    kubeconfig: kubeconfigText(`https://127.0.0.1:${port}`, certificate, api.adminToken),
    rewrite: (text) => text,
    refuse: () => null,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return proxy;
}
