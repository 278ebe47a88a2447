import { type Resource, TREE_MEDIA_TYPE } from '@countersign/formats'

/**
 * True where the SHA-256 is of a manifest, not of the bytes themselves: a directory, or a source checkout. A file
 * that holds the manifest has the same digest and is something else.
 */
export function isTree({ mediaType, digest }: Resource): boolean {
  return mediaType === TREE_MEDIA_TYPE || Object.hasOwn(digest, 'gitTree') || Object.hasOwn(digest, 'gitCommit')
}
