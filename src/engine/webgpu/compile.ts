// From a shader's text to a pipeline, and what the browser's compiler says of a text.
import { firstLineOf, InputError } from '../../errors.ts';
import type { Pipeline } from './executor.ts';
import { type WgslCall, wgslKernel } from './kernels/index.ts';

/** What a compiler says of a place in a text. */
export interface ShaderMessage {
  readonly severity: 'error' | 'warning' | 'info';
  /** In one line. */
  readonly text: string;
  /** From 1; 0 where the compiler names no place. */
  readonly line: number;
  /** Characters from the line's beginning, from 1, and how many; 0 if it does not say. */
  readonly column: number;
  readonly length: number;
}

/** A text as it will be compiled. */
export interface ShaderText {
  /** Its file in shaders/, without `.wgsl`. */
  readonly name: string;
  readonly code: string;
  /** Somebody brought it in place of the file. */
  readonly own: boolean;
}

/**
 * Bindings of group 0: the kernel's buffers in order, then the constants.
 * @throws InputError if it does not compile and somebody brought it, with the line; else Error
 */
export async function compile(
  device: GPUDevice,
  { kernel, overrides }: WgslCall,
  { name, code, own }: ShaderText,
  stepLayout: GPUBindGroupLayout,
): Promise<Pipeline> {
  const { bindings } = wgslKernel(kernel);
  const operands = device.createBindGroupLayout({
    label: kernel,
    entries: [
      ...Object.values(bindings).map(
        (access): GPUBufferBindingLayout => ({ type: access === 'read' ? 'read-only-storage' : 'storage' }),
      ),
      { type: 'uniform' } as const,
    ].map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
  });
  const fail = (message: string): never => {
    throw own ? new InputError(message) : new Error(message);
  };
  const module = moduleOf(device, kernel, code);
  const { messages } = await module.getCompilationInfo();
  const error = messages.map(readable).find(({ severity }) => severity === 'error');
  if (error) fail(`shaders/${name}.wgsl:${error.line}: ${error.text}`);
  const pipeline = await device
    .createComputePipelineAsync({
      label: kernel,
      layout: device.createPipelineLayout({ bindGroupLayouts: [operands, stepLayout] }),
      compute: { module, entryPoint: 'main', constants: overrides },
    })
    // A text that compiles may still lack what a pipeline wants: its entry point, or a binding.
    .catch((why: unknown) => fail(`shaders/${name}.wgsl: ${firstLineOf(why)}`));
  return { pipeline, operands };
}

/** What the compiler says of a text, which nothing runs. */
export async function messagesOf(device: GPUDevice, code: string): Promise<ShaderMessage[]> {
  const { messages } = await moduleOf(device, 'a text', code).getCompilationInfo();
  return messages.map(readable);
}

/** What is wrong with it, its messages say: the device need not report it as well. */
function moduleOf(device: GPUDevice, label: string, code: string): GPUShaderModule {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code });
  device.popErrorScope().catch(() => {}); // of a device that is lost
  return module;
}

/** naga draws the place into its message, after a line that says what is wrong; Tint only says. */
function readable({ type, message, lineNum, linePos, length }: GPUCompilationMessage): ShaderMessage {
  const [first = ''] = message.split('\n').filter((line) => line.trim() !== '');
  const text = first.replace(/^Shader '.*?' (?:parsing|validation) error: /, '').trim();
  return { severity: type, text, line: lineNum, column: linePos, length };
}
