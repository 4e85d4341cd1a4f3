import { createRoot } from 'react-dom/client';
import { Gallery, gallerySchema } from './gallery.tsx';

const [host, data] = ['app', 'samples'].map((id) => document.getElementById(id));
if (!host || !data) throw new Error('the page has no elements #app and #samples');
createRoot(host).render(<Gallery {...gallerySchema.parse(JSON.parse(data.textContent))} />);
