// Reading what the device wrote.
import { awaitDevice } from './device.ts';
import type { Faults } from './faults.ts';

export class Readback {
  constructor(
    private readonly device: GPUDevice,
    private readonly faults: Faults,
  ) {}

  /** Encodes a copy to a buffer that the host can map. */
  stage(encoder: GPUCommandEncoder, buffer: GPUBuffer, offset: number, size: number): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.device.createBuffer({ label: `${buffer.label} staging`, size, usage });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    return staging;
  }

  /** @throws DeviceError if anything went wrong so far */
  async fetch(staging: GPUBuffer): Promise<ArrayBuffer> {
    await this.faults.loss.during(awaitDevice(this.device, staging.mapAsync(GPUMapMode.READ)));
    this.faults.check();
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return bytes;
  }
}
