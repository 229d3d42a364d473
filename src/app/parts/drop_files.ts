// An area that files are dropped on; it has the class `dropping` while they are above it.

export function dragOver(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  (event.currentTarget as HTMLElement).classList.add('dropping');
}

export function dragLeave(event: DragEvent): void {
  const area = event.currentTarget as HTMLElement;
  if (!area.contains(event.relatedTarget as Node | null)) area.classList.remove('dropping');
}

/** @returns the files that were dropped */
export function drop(event: DragEvent): File[] {
  event.preventDefault();
  (event.currentTarget as HTMLElement).classList.remove('dropping');
  return [...(event.dataTransfer?.files ?? [])];
}
