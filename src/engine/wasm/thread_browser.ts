// Entry of a helper thread in a browser: a dedicated module worker.
import { messageOf } from '../../errors.ts';
import { serve, type ThreadStart } from './thread.ts';

self.onmessage = ({ data }: MessageEvent<ThreadStart>) => {
  serve(data, () => self.postMessage(undefined)).catch((error) => self.postMessage(messageOf(error)));
};
self.onmessageerror = () => self.postMessage('what to do could not be read');
