// Entry of a helper thread in a browser: a dedicated module worker.
import { END, serve, type ThreadStart } from './thread.ts';

self.onmessage = ({ data }: MessageEvent<ThreadStart | typeof END>) => {
  if (data === END) self.close();
  else void serve(data, () => self.postMessage('ready'));
};
