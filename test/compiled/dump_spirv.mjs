// Compiles a shader; Dawn writes it to standard output as SPIR-V.
// @ts-check
import { readFileSync } from 'node:fs';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
/** @type {import('./dawn.ts').Source} */
const { wgsl, overrides } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const gpu = create(['enable-dawn-features=allow_unsafe_apis,dump_shaders,disable_symbol_renaming']);
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error('no adapter');
const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = adapter.limits;
const device = await adapter.requestDevice({
  requiredLimits: { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup },
});
const module = device.createShaderModule({ code: wgsl });
const compute = { module, constants: overrides };
await device.createComputePipelineAsync({ layout: 'auto', compute });
process.exit();
