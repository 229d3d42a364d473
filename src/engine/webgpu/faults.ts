// A device reports what went wrong outside of the calls that could throw: it is kept here, and thrown by the
// next one.
import { DeviceError } from '../../errors.ts';
import { Failure } from '../../failure.ts';

/** What went wrong on a device outside of any call that could throw. */
export class Faults {
  private message: string | undefined;
  private expected = false;
  /** The device is lost. */
  readonly loss = new Failure();

  constructor(device: GPUDevice) {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.message ??= `WebGPU reported: ${error.message}`;
    });
    void device.lost.then(({ message, reason }) => {
      if (!this.expected) this.message ??= `the WebGPU device was lost (${reason}): ${message}`;
      this.loss.raise(new DeviceError(this.message ?? 'the WebGPU device was closed'));
    });
  }

  expectLoss(): void {
    this.expected = true;
  }

  /** @throws DeviceError if anything went wrong so far */
  check(): void {
    if (this.message !== undefined) throw new DeviceError(this.message);
  }
}
