// The worker of our WASM engine where it starts like a peer of the benchmark. All that a first step takes is in this one
// script, but for the build, which it asks for before it is told the work. Its name is the number of threads.
import { expose, wrap } from 'comlink';
import { trainingOn } from '../../bench/peers/own_executor.ts';
import type { Peer } from '../../bench/peers/peers.ts';
import { RemotePeer } from '../../bench/peers/remote.ts';
import type { ThreadHost } from '../../engine/host.ts';
import { compileBuild } from '../../engine/wasm/builds.ts';
import { chooseBuild } from '../../engine/wasm/choose.ts';
import { WasmEngine } from '../../engine/wasm/engine.ts';
import { threadHost } from '../../hosts/browser/thread_host.ts';
import type { Threads } from '../../hosts/browser/threads.ts';

const host = threadHost(wrap<Threads>(self));
const { build, threads } = chooseBuild(host, { threads: Number(self.name) }, []);
const module = compileBuild(build);
const wasm: Peer<ThreadHost> = {
  training: async (work) =>
    trainingOn(new WasmEngine(host, build, await module, threads), work, 'wasm', true),
};
const peer = new RemotePeer(host, { wasm });

self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data instanceof MessagePort) expose(peer, data);
});
self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
