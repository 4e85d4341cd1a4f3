import { Failure } from '../../../core/failure.ts';
import type { LoadedAccount } from './account-in-child.ts';
import { loadKubeconfig } from './kubeconfig.ts';

/* The program that account-in-child.ts runs: it writes one line of JSON and ends. */

async function load(kubeconfig: string, root: string): Promise<LoadedAccount> {
  try {
    const { credentials, ...account } = await loadKubeconfig(kubeconfig, root);
    if (!account.isFixed) return { ...account, files: [...account.files], credentials: null };
    return { ...account, files: [...account.files], credentials: await credentials().catch(String) };
  } catch (error) {
    if (error instanceof Failure) return { refused: error.message };
    throw error;
  }
}

const [kubeconfig = '', root = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await load(kubeconfig, root)));
