export { type Examination, type Examiner, examine } from './examine.ts'
export { type PageBundle, pageOf } from './page.ts'
