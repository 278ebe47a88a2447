export {
  CODE_SIGNING,
  commonFault,
  findPath,
  type PathFault,
  type PathFound,
  type PathSearch,
  TIME_STAMPING,
} from './path.ts'
export {
  type CertificateCrypto,
  digestOf,
  hashOf,
  type HashName,
  type Scheme,
  schemeOf,
  verifySignature,
} from './signature.ts'
