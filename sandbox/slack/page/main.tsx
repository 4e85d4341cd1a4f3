import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const host = document.getElementById('app');
if (host === null) throw new Error('the page has no element #app');
createRoot(host).render(<App />);
