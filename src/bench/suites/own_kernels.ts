// The suite `kernels` of somebody's own shaders: each against the one that ships and the same product of tfjs, on
// the layers of the networks.
import type { Host } from '../../engine/host.ts';
import { openWebgpu } from '../../engine/webgpu/engine.ts';
import { optionsOf, variantsOfShader } from '../../engine/webgpu/select.ts';
import { titleOf } from '../../network/cost.ts';
import { layersOf, parseNetwork } from '../../network/spec.ts';
import { caseOfLayer } from '../../validation/cases.ts';
import { checkKernel } from '../../validation/check_kernel.ts';
import { timeKernel } from '../kernel_contest.ts';
import type { BenchCase, BenchJob, OnTiming } from '../report.ts';
import type { Roofline } from '../roofline.ts';

/** @throws Error if an answer is beyond its bound */
export async function runOwnKernels(
  network: string,
  batch: number,
  job: BenchJob,
  host: Host,
  roofline: Roofline,
  clock: number,
  onTiming: OnTiming,
): Promise<BenchCase[]> {
  const cases: BenchCase[] = [];
  const { shaders = {}, seconds } = job;
  const tfjs = job.peers.includes('tfjs-webgpu') ? 'webgpu' : undefined;
  const timed = Object.keys(shaders).flatMap((shader) =>
    variantsOfShader(shader).map((each) => ({ shader, ...each })),
  );
  for (const { shader, kernel, variant } of timed) {
    const options = optionsOf(kernel, variant);
    // A loop that does not end is found by the check; what is timed is the text as it stands.
    const guarded = await openWebgpu(host, { ...options, shaders, guarded: true });
    const own = await openWebgpu(host, { ...options, shaders });
    const shipped = await openWebgpu(host, options);
    try {
      for (const layer of layersOf(parseNetwork(network))) {
        const kernelCase = caseOfLayer(kernel, batch, layer);
        const name = `${titleOf(kernel, kernelCase.constants)} (${variant.name}, own)`;
        onTiming(name, 0);
        const { pass, maxAbsError, tolerance } = await checkKernel(guarded, 'webgpu', kernelCase);
        if (!pass)
          throw new Error(
            `shaders/${shader}.wgsl on ${kernelCase.shape}: off by ${maxAbsError.toExponential(1)}, allowed are ${tolerance.toExponential(1)}`,
          );
        const { entries, operations, bytes } = await timeKernel({
          kernelCase,
          contenders: [
            { name, engine: own },
            { name: 'shipped', engine: shipped },
          ],
          host,
          tfjs,
          seconds: seconds / 2,
          clock,
          onRound: (share) => onTiming(name, share),
        });
        const [subject, ...peers] = entries;
        const milliseconds = subject.milliseconds!;
        const perSecond = (count: number, median: number) => count / median / 1e6;
        const gflops = perSecond(operations, milliseconds.median);
        cases.push({
          suite: 'kernels',
          name,
          network,
          batch,
          subject: {
            backend: 'webgpu',
            threads: 1,
            milliseconds,
            gflops,
            rooflineFraction: gflops / roofline.measured.gflops,
            gigabytesPerSecond: perSecond(bytes, milliseconds.median),
            maxAbsDifference: maxAbsError,
          },
          peers: peers.map((peer) => ({
            ...peer,
            threads: 1,
            ...(peer.milliseconds && { gflops: perSecond(operations, peer.milliseconds.median) }),
          })),
        });
      }
    } finally {
      for (const engine of [guarded, own, shipped]) engine.dispose();
    }
  }
  return cases;
}
