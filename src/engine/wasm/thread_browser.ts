// Entry of a helper thread in a browser: a dedicated module worker.
import { serve, type ThreadStart } from './thread.ts';

self.onmessage = ({ data }: MessageEvent<ThreadStart>) => serve(data, () => self.postMessage('ready'));
self.onmessageerror = () => {
  throw new Error('what to do could not be read');
};
self.postMessage('loaded');
