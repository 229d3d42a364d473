// What Mesa's compiler for AMD's GPUs makes of SPIR-V: its driver RADV compiles for any family, without a GPU.
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import type { Spirv } from './dawn.ts';

/** RDNA 2 and RDNA 3, by Mesa's names. */
export const FAMILIES = ['navi21', 'gfx1100'] as const;
export type Family = (typeof FAMILIES)[number];

export interface MachineCode {
  /** The driver's own account, by its names. */
  readonly statistics: { readonly [name: string]: number };
  readonly assembly: string;
}

const DRIVERS = '/usr/share/vulkan/icd.d';

/** @throws Error if Mesa's driver is not installed */
function surroundings(family: Family): { readonly [variable: string]: string } {
  const driver = readdirSync(DRIVERS).find((name) => name.startsWith('radeon_icd'));
  if (driver === undefined)
    throw new Error(`no radeon_icd in ${DRIVERS}: apt-get install mesa-vulkan-drivers`);
  return { RADV_FORCE_FAMILY: family, VK_DRIVER_FILES: join(DRIVERS, driver), XDG_RUNTIME_DIR: tmpdir() };
}

/** @throws Error naming the call of Vulkan that failed */
export function compileFor(family: Family, shaders: readonly Spirv[]): MachineCode[] {
  const before = { ...process.env };
  const around = surroundings(family);
  Object.assign(process.env, around);
  try {
    const device = createDevice();
    return shaders.map((shader) => machineCodeOf(device, createPipeline(device, shader)));
  } finally {
    for (const name of Object.keys(around)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

/** A field of a struct: so many bytes, aligned to as many. */
type Field = readonly [size: 4 | 8, value: number | bigint];
const u32 = (value: number): Field => [4, value];
const word = (value: number | bigint): Field => [8, value];
const NULL = word(0);

/** A struct's address, as C lays it out. Nothing is freed: it is little. */
function struct(...fields: readonly Field[]): bigint {
  const place = (offset: number, size: number) => Math.ceil(offset / size) * size;
  const bytes = fields.reduce((offset, [size]) => place(offset, size) + size, 0);
  const memory = allocate(place(bytes, 8));
  let offset = 0;
  for (const [size, value] of fields) {
    offset = place(offset, size);
    if (size === 4) memory.view.setUint32(offset, Number(value), true);
    else memory.view.setBigUint64(offset, BigInt(value), true);
    offset += size;
  }
  return memory.address;
}

function allocate(bytes: number): { readonly address: bigint; readonly view: DataView } {
  const pointer = koffi.alloc('uint8_t', bytes);
  const view = new DataView(koffi.view(pointer, bytes));
  new Uint8Array(view.buffer).fill(0);
  return { address: koffi.address(pointer), view };
}

function text(value: string): bigint {
  return bytesAt(new TextEncoder().encode(`${value}\0`));
}

function bytesAt(bytes: Uint8Array): bigint {
  const { address, view } = allocate(bytes.length);
  new Uint8Array(view.buffer).set(bytes);
  return address;
}

const vulkan = koffi.load('libvulkan.so.1');

/** @throws Error if Vulkan reports one */
function call(name: string, ...values: readonly (bigint | number)[]): void {
  const types = values.map((value) => (typeof value === 'bigint' ? 'uint64_t' : 'uint32_t'));
  const code: number = vulkan.func(name, 'int', types)(...values);
  if (code !== 0) throw new Error(`${name} failed with ${code}`);
}

/** Calls with the address of a new handle at the end. @returns the handle */
function create(name: string, ...values: readonly (bigint | number)[]): bigint {
  const handle = allocate(8);
  call(name, ...values, handle.address);
  return handle.view.getBigUint64(0, true);
}

// The numbers below are those of vulkan_core.h.
const API_VERSION_1_3 = (1 << 22) | (3 << 12);

function createDevice(): bigint {
  const application = struct(u32(0), NULL, NULL, u32(0), NULL, u32(0), u32(API_VERSION_1_3));
  const instance = create(
    'vkCreateInstance',
    struct(u32(1), NULL, u32(0), word(application), NULL, NULL, NULL, NULL),
    0n,
  );
  const count = struct(u32(1));
  const physical = create('vkEnumeratePhysicalDevices', instance, count);
  const queue = struct(u32(2), NULL, u32(0), u32(0), u32(1), word(struct(u32(0x3f800000))));
  const extensions = struct(word(text('VK_KHR_pipeline_executable_properties')));
  const info = struct(
    ...[u32(3), NULL, u32(0), u32(1), word(queue)],
    ...[u32(0), NULL, u32(1), word(extensions), NULL],
  );
  return create('vkCreateDevice', physical, info, 0n);
}

/** More than any of our kernels has. */
const [GROUPS, BINDINGS] = [2, 10];
const [UNIFORM_BUFFER, STORAGE_BUFFER, COMPUTE] = [6, 7, 0x20];
const CAPTURE = 0x40 | 0x80; // statistics and internal representations

function createPipeline(device: bigint, { words, entryPoint, uniforms }: Spirv): bigint {
  const module = create(
    'vkCreateShaderModule',
    device,
    struct(u32(16), NULL, u32(0), word(words.length), word(bytesAt(words))),
    0n,
  );
  const layouts = Array.from({ length: GROUPS }, (_, group) => {
    const bindings = Array.from({ length: BINDINGS }, (_, binding) => {
      const isUniform = uniforms.some((each) => each.group === group && each.binding === binding);
      return [u32(binding), u32(isUniform ? UNIFORM_BUFFER : STORAGE_BUFFER), u32(1), u32(COMPUTE), NULL];
    });
    const info = struct(u32(32), NULL, u32(0), u32(BINDINGS), word(struct(...bindings.flat())));
    return create('vkCreateDescriptorSetLayout', device, info, 0n);
  });
  const sets = struct(...layouts.map(word));
  const layout = create(
    'vkCreatePipelineLayout',
    device,
    struct(u32(30), NULL, u32(0), u32(GROUPS), word(sets), u32(0), NULL),
    0n,
  );
  const info = struct(
    ...[u32(29), NULL, u32(CAPTURE)],
    // The stage, a struct within this one.
    ...[word(18), NULL, u32(0), u32(COMPUTE), word(module), word(text(entryPoint)), NULL],
    ...[word(layout), NULL, u32(0)],
  );
  return create('vkCreateComputePipelines', device, 0n, 1, info, 0n);
}

/** Two numbers and two names lie before what a statistic or a representation says. */
const NAMES = 16;
const SAID = NAMES + 256 + 256;

function machineCodeOf(device: bigint, pipeline: bigint): MachineCode {
  const info = struct(u32(1000269003), NULL, word(pipeline), u32(0));
  const statistics = list('vkGetPipelineExecutableStatisticsKHR', device, info, 1000269004, SAID + 16);
  const representations = () =>
    list('vkGetPipelineExecutableInternalRepresentationsKHR', device, info, 1000269005, SAID + 24);
  const sizes = representations();
  const found = list(
    'vkGetPipelineExecutableInternalRepresentationsKHR',
    device,
    info,
    1000269005,
    SAID + 24,
    (view, index) => {
      const size = sizes[index].getBigUint64(SAID + 8, true);
      view.setBigUint64(SAID + 8, size, true);
      view.setBigUint64(SAID + 16, allocate(Number(size)).address, true);
    },
  );
  const assembly = found.find((view) => nameIn(view) === 'Assembly');
  if (!assembly) throw new Error('the driver gives no assembly');
  return {
    statistics: Object.fromEntries(
      statistics.map((view) => [nameIn(view), Number(view.getBigUint64(SAID + 8, true))]),
    ),
    assembly: koffi.decode(assembly.getBigUint64(SAID + 16, true), 'char', -1),
  };
}

/** Asks how many there are, then for all. @param prepare fills what is asked for beside the type */
function list(
  name: string,
  device: bigint,
  info: bigint,
  type: number,
  bytes: number,
  prepare: (view: DataView, index: number) => void = () => {},
): DataView[] {
  const { address, view } = allocate(4);
  const get = deviceFunction(device, name);
  get(device, info, address, 0n);
  const count = view.getUint32(0, true);
  const all = allocate(count * bytes);
  const views = Array.from({ length: count }, (_, i) => new DataView(all.view.buffer, i * bytes, bytes));
  for (const [index, each] of views.entries()) {
    each.setUint32(0, type, true);
    prepare(each, index);
  }
  get(device, info, address, all.address);
  return views;
}

/** A function of an extension. */
function deviceFunction(device: bigint, name: string): (...values: bigint[]) => number {
  const find = vulkan.func('void *vkGetDeviceProcAddr(uint64_t device, const char *name)');
  const prototype = koffi.proto('int (uint64_t, uint64_t, uint64_t, uint64_t)');
  return koffi.decode(find(device, name), prototype);
}

function nameIn(view: DataView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + NAMES, 256);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}
