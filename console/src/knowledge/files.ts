/** The limits of an upload, checked before anything is sent. */
const KINDS = /\.(?:md|markdown|txt|html?)$/iu;
const LIMIT_BYTES = 2 * 1024 * 1024;

/** Why this file is not taken, in words; null when it is. */
export function refusedFile(file: { name: string; size: number }): string | null {
  if (!KINDS.test(file.name)) return `${file.name}: only Markdown, text and HTML can be read.`;
  if (file.size > LIMIT_BYTES) return `${file.name} is larger than 2 MB.`;
  if (file.size === 0) return `${file.name} is empty.`;
  return null;
}
