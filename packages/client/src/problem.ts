import { CATALOGUE, type Code, CodedError, type ErrorReport, type JsonObject, type JsonValue } from '@countersign/core'
import { plainText } from './plain-text.ts'

/** The server said no. `code`, `what` and `fix` are the server's, in plain text. */
export class ServerRefusal extends CodedError {
  /** HTTP status. */
  readonly status: number
  /** What to name when asking the server's operator; null where the server gave none. */
  readonly requestId: string | null
  /** Every reason, where the server gave more than one. */
  readonly findings: readonly ErrorReport[]

  constructor(
    report: ErrorReport,
    more: { status: number; requestId: string | null; findings: readonly ErrorReport[] },
  ) {
    super(report.code, report.what, { fix: report.fix })
    this.status = more.status
    this.requestId = more.requestId
    this.findings = more.findings
  }
}

/**
 * The problem details (RFC 9457) of a refused request. A code that is not of our closed union becomes
 * `server-answer`; every text is made plain, for the server is somebody else (T-92).
 */
export function refusalOf(status: number, body: JsonValue, request: string): ServerRefusal {
  const problem = isObject(body) ? body : {}
  const listed = problem['findings']
  const findings = (Array.isArray(listed) ? (listed as readonly JsonValue[]) : []).slice(0, 100).flatMap((item) => {
    const report = isObject(item) ? reportIn(item) : null
    return report === null ? [] : [report]
  })
  const report = reportIn(problem) ?? unknownProblem(status, problem, request)
  const id = problem['requestId']
  return new ServerRefusal(report, { status, requestId: typeof id === 'string' ? plainText(id, 100) : null, findings })
}

/**
 * True when asking again later may end otherwise: the server was not reached, is busy or broken, or does not
 * know us. False when it judged what was sent.
 */
export function mayPass(error: CodedError): boolean {
  return !(error instanceof ServerRefusal) || isAway(error) || ACCESS.includes(error.code)
}

/** True when the server was not reached, or is too busy or broken to answer anybody. */
export function isAway(error: CodedError): boolean {
  if (!(error instanceof ServerRefusal)) return error.code === 'server-unreachable'
  return error.status >= 500 || error.status === 429 || error.status === 408
}

/** Refusals of the caller, not of what was sent. */
const ACCESS: readonly Code[] = ['token-missing', 'token-scope', 'method-unknown', 'not-found', 'server-answer']

const NO_SUCH_ROUTE =
  'Check COUNTERSIGN_URL: it is the address of the server alone, such as https://log.example.com; and that both are of one version.'

function reportIn(object: JsonObject): ErrorReport | null {
  const { code } = object
  if (typeof code !== 'string' || !Object.hasOwn(CATALOGUE, code)) return null
  const known = code as Code
  const what = textIn(object, 'what') ?? textIn(object, 'detail') ?? textIn(object, 'title') ?? 'no reason given'
  // What a server says to a person with its address is of no help to whoever set a client to it.
  const fix = known === 'method-unknown' ? NO_SUCH_ROUTE : (textIn(object, 'fix') ?? CATALOGUE[known].fix)
  return { code: known, what, why: CATALOGUE[known].why, fix }
}

function unknownProblem(status: number, problem: JsonObject, request: string): ErrorReport {
  const said = textIn(problem, 'code') ?? textIn(problem, 'detail') ?? textIn(problem, 'title')
  const what = `${request} was answered with HTTP ${status}${said === null ? '' : `: ${said}`}`
  return new CodedError('server-answer', what).report()
}

function textIn(object: JsonObject, key: string): string | null {
  const value = object[key]
  return typeof value === 'string' && value !== '' ? plainText(value) : null
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
