import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createServerCertificate } from '../../../../sandbox/kubernetes/server/server-certificate.ts';
import { startBareProxy, startSocksProxy } from '../watch/bare-server.ts';
import type { BareProxy } from '../watch/bare-server.ts';
import { get, openConnectWorld } from '../watch/connect-world.ts';
import type { ConnectWorld } from '../watch/connect-world.ts';

let world: ConnectWorld;
beforeAll(async () => {
  world = await openConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

describe('a proxy', () => {
  let proxy: BareProxy;
  beforeEach(async () => {
    proxy = await startBareProxy();
    onTestFinished(proxy.close);
  });
  const target = (): string => new URL(world.server.url).host;

  test('that the kubeconfig names leads to the server, with its password', async () => {
    const url = `http://me:hunter2@127.0.0.1:${proxy.port}`;
    const transport = await world.connectAs({ token: 'a' }, { 'proxy-url': url });

    await get(transport);
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    const through = { target: target(), password: 'me:hunter2' };
    expect(proxy.asked).toEqual([through, through]);
    expect(world.server.seen).toHaveLength(3);
  });

  test('of the environment too, but not for what is exempt', async () => {
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;

    await get(await world.connectAs({}, {}, { proxy: { httpsProxy, noProxy: ['10.0.0.0/8'] } }));
    await get(await world.connectAs({}, {}, { proxy: { httpsProxy, noProxy: ['127.0.0.0/8'] } }));

    expect(proxy.asked).toEqual([{ target: target(), password: undefined }]);
    expect(world.server.seen).toHaveLength(2);
  });

  test('that is itself reached by TLS, with a certificate that this machine trusts', async () => {
    const pems = await createServerCertificate();
    const secure = await startBareProxy(pems);
    onTestFinished(secure.close);
    const url = `https://127.0.0.1:${secure.port}`;

    // The kubeconfig's authority is the API server's, not the proxy's.
    const untrusted = await get(await world.connectAs({ token: 'a' }, { 'proxy-url': url })).catch(
      (error: unknown) => error,
    );
    const trusted = getCACertificates('default');
    onTestFinished(() => setDefaultCACertificates(trusted));
    setDefaultCACertificates([...trusted, pems.certificate]);
    const transport = await world.connectAs({ token: 'a' }, { 'proxy-url': url });
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    expect(untrusted).toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringMatching(new RegExp(`through the proxy ${url}: self-signed certificate`)),
    });
    expect(secure.asked.map((one) => one.target)).toEqual([target(), target()]);
    expect(world.server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer a', 'Bearer a']);
  });

  test('that refuses is told of without its password', async () => {
    proxy.refuses = true;
    const transport = await world.connectAs({}, { 'proxy-url': `http://me:hunter2@127.0.0.1:${proxy.port}` });

    const failure = await get(transport).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'cluster-unreachable', message: expect.stringContaining('407') });
    expect(String(failure)).not.toContain('hunter2');
  });
});

describe('a proxy that speaks SOCKS', () => {
  const target = (): string => new URL(world.server.url).host;
  let socks: BareProxy;
  beforeEach(async () => {
    socks = await startSocksProxy();
    onTestFinished(socks.close);
  });

  test('leads to the server, reads on a kept connection, a watch on its own', async () => {
    const transport = await world.connectAs({ token: 'a' }, { 'proxy-url': `socks5://127.0.0.1:${socks.port}` });

    await get(transport);
    await get(transport);
    const watch = await transport.open({ path: '/watch', lasts: true });
    watch.resume();

    expect(socks.asked.map((one) => one.target)).toEqual([target(), target()]);
    expect(world.server.seen.map(({ connection }) => connection - (world.server.seen[0]?.connection ?? 0))).toEqual([
      0, 0, 1,
    ]);
  });

  test('is told the name and the password, and the server still has to prove who it is', async () => {
    const { port } = new URL(world.server.url);
    const url = `socks5h://me:hunter2@127.0.0.1:${socks.port}`;
    const stranger = await createServerCertificate();

    await get(await world.connectAs({}, { 'proxy-url': url, server: `https://localhost:${port}` }));
    const refused = await get(
      await world.connectAs(
        {},
        { 'proxy-url': url, 'certificate-authority-data': Buffer.from(stranger.certificate).toString('base64') },
      ),
    ).catch((error: unknown) => error);

    expect(socks.asked[0]).toEqual({ target: `localhost:${port}`, password: 'me:hunter2' });
    expect(refused).toMatchObject({ code: 'cluster-unreachable', message: expect.stringContaining('certificate') });
    expect(world.server.seen).toHaveLength(1);
  });

  test('and refuses is told of without its password', async () => {
    socks.refuses = true;
    const url = `socks5://me:hunter2@127.0.0.1:${socks.port}`;

    const failure = await get(await world.connectAs({}, { 'proxy-url': url })).catch((error: unknown) => error);

    expect(failure).toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining(`through the proxy socks5://127.0.0.1:${socks.port}`),
    });
    expect(String(failure)).not.toContain('hunter2');
  });
});
