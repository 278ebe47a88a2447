/** The address of a worker's own bundle. */
declare module '*?worker&url' {
  const url: string
  export default url
}
/** `trusted_root.json` of the public Sigstore. */
declare module 'virtual:public-sigstore' {
  const text: string
  export default text
}
declare module '*.css'
