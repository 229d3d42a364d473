// The trained networks that ship with the page.
import { messageOf } from '../../errors.ts';

export interface ShippedModel {
  /** In addresses. */
  readonly name: string;
  readonly title: string;
  /** Below the page's folder, and below the repository's. */
  readonly file: string;
}

/** The first answers where none is asked for. */
export const SHIPPED_MODELS: readonly ShippedModel[] = [
  { name: 'standard', title: 'Standard', file: 'models/standard.safetensors' },
  { name: 'record', title: 'Record (13 MB)', file: 'models/record.safetensors' },
  { name: 'quick', title: 'Quick', file: 'models/quick.safetensors' },
];

/** @throws Error saying why it could not be fetched */
export async function readShipped({ file }: ShippedModel): Promise<Uint8Array> {
  const response = await fetch(new URL(file, document.baseURI)).catch((error: unknown) => {
    throw new Error(`${file} cannot be fetched (${messageOf(error)})`);
  });
  if (!response.ok) throw new Error(`${file} cannot be fetched (the server answered ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}
