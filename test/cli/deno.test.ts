// The command line under Deno, whose WebGPU is wgpu: every tiling of every product, float16 included, over
// lavapipe. Firefox has the same compiler and driver, and takes every shape there.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { ValidateReport } from '../../src/jobs/job.ts';

/** Mesa's driver on the processor, where no GPU is. */
const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';

it('validates WebGPU', { timeout: 600_000 }, async () => {
  const json = join(mkdtempSync(join(tmpdir(), 'mnist-kernels-deno-')), 'report.json');
  const options = [
    'run',
    '--unstable-webgpu',
    '-A',
    'dist/cli.js',
    'validate',
    '--backend',
    'webgpu',
    '--quick',
    '--json',
    json,
  ];
  const driver = existsSync(LAVAPIPE) ? { VK_DRIVER_FILES: LAVAPIPE } : {};
  await promisify(execFile)('node_modules/.bin/deno', options, { env: { ...process.env, ...driver } });
  const { pass, kernels, environment, passedOver } = JSON.parse(readFileSync(json, 'utf8')) as ValidateReport;
  expect({ pass, passedOver }).toEqual({ pass: true, passedOver: [] });
  expect(environment.runtime).toMatch(/^deno /);
  const backends = new Set(kernels.map(({ backend }) => backend));
  expect([...backends]).toEqual([
    'webgpu registers',
    'webgpu 128x128',
    'webgpu 64x64',
    'webgpu 32x32',
    'webgpu split',
    'webgpu 64x64 mixed',
    'webgpu 32x32 mixed',
    'webgpu split mixed',
  ]);
});
