// A device reports what went wrong outside of the calls that could throw: it is kept here, and thrown by the
// next one.
import { DeviceError } from '../../errors.ts';

/** What went wrong on a device outside of any call that could throw. */
export class Faults {
  private message: string | undefined;
  private expected = false;
  /** Rejects when the device is lost. */
  readonly lost: Promise<never>;

  constructor(device: GPUDevice) {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.message ??= `WebGPU reported: ${error.message}`;
    });
    this.lost = device.lost.then(({ message, reason }) => {
      if (!this.expected) this.message ??= `the WebGPU device was lost (${reason}): ${message}`;
      throw new DeviceError(this.message ?? 'the WebGPU device was closed');
    });
    this.lost.catch(() => {});
  }

  expectLoss(): void {
    this.expected = true;
  }

  /** @throws DeviceError if anything went wrong so far */
  check(): void {
    if (this.message !== undefined) throw new DeviceError(this.message);
  }
}
