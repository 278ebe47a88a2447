/** The address of a worker's own bundle. */
declare module '*?worker&url' {
  const url: string
  export default url
}
/** `trusted_root.json` of the public Sigstore: the build puts it in. */
declare const PUBLIC_SIGSTORE: string
declare module '*.css'
