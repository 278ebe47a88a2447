export { defaults, GitHub } from '@actions/github/lib/utils'
