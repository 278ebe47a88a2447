import { base64, sha256, utf8 } from '@countersign/core'
import type { EnvironmentFigures, Figures, Incident, Outcome, PipelineFigures } from './figures.ts'
import { grouped, html, type Markup } from './html.ts'
import type { Manifest } from './manifest.ts'
import { REPORT_STYLE } from './report-style.ts'

/** What the cover says, beside the figures. */
export type Cover = Pick<
  Manifest,
  'createdAt' | 'exporter' | 'period' | 'pipelines' | 'environments' | 'server' | 'missing'
>

/**
 * The report of a pack: one HTML page without script or outside request. It is a function of what was verified alone, so
 * that whoever verifies the pack draws it again and compares the bytes.
 */
export function reportOf(cover: Cover, figures: Figures): Uint8Array {
  const style = REPORT_STYLE
  const policy = `default-src 'none'; style-src 'sha256-${base64(sha256(utf8(style)))}'; base-uri 'none'; form-action 'none'`
  const body = html`<main>
${coverOf(cover, figures)}
${missingOf(cover, figures)}${forksOf(figures)}
${pipelinesOf(figures)}
${environmentsOf(figures)}
${incidentsOf(figures)}
${actsOf(figures)}
${partiesOf(figures)}
${beliefOf(cover, figures)}
<footer>Drawn by countersign ${cover.exporter.version} from the evidence in this pack, as of ${time(cover.createdAt)}.</footer>
</main>`
  return utf8(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Audit pack ${daysOf(cover)}</title>
<style>${style}</style>
</head>
<body>
${body.text}
</body>
</html>
`)
}

function coverOf(cover: Cover, { runs, steps, decisions, refusals, contracts, keys, entries, forks }: Figures): Markup {
  const { period, pipelines, environments, exporter, server, createdAt } = cover
  const bad = runs.failed + runs.unknown + runs.missing
  const all = runs.listed === 1 ? 'The one run' : `All ${grouped(runs.listed)} runs`
  const [tone, word] =
    forks.total > 0
      ? (['bad', `${n(forks.total, 'fork')}: two of what there is one of`] as const)
      : bad > 0
        ? (['bad', `${grouped(bad)} of ${n(runs.listed, 'run')} not proven`] as const)
        : runs.deviating > 0
          ? (['warn', `${all} proven, ${grouped(runs.deviating)} by deviation`] as const)
          : (['good', `${all} proven`] as const)
  const entry = entries === null ? 'none' : `${grouped(entries.first)} to ${grouped(entries.last)}`
  return html`<header>
<p class="brow">Countersign audit pack</p>
<h1>${daysOf(cover)}</h1>
<p class="quiet">${pipelines.length === 0 ? 'All pipelines' : pipelines.join(', ')}</p>
<p class="verdict ${tone}">${word}</p>
<ul class="tiles">
${tile(runs.listed, 'runs listed', '')}
${tile(runs.proven, 'proven', runs.proven > 0 ? 'good' : '')}
${tile(runs.deviating, 'by deviation', runs.deviating > 0 ? 'warn' : '')}
${tile(runs.failed, 'not proven', runs.failed > 0 ? 'bad' : '')}
${tile(runs.unknown, 'unknown', runs.unknown > 0 ? 'bad' : '')}
${tile(runs.missing, 'missing', runs.missing > 0 ? 'bad' : '')}
</ul>
<ul class="tiles">
${tile(steps.verified, 'steps verified', '')}
${tile(decisions.allow, 'deploys allowed', '')}
${tile(decisions.deny + decisions.unknown, 'deploys stopped', '')}
${tile(refusals, 'steps refused', '')}
${tile(contracts.published, 'contracts published', '')}
${tile(keys.enrolled + keys.revoked, 'keys let in or revoked', '')}
</ul>
<dl class="facts">
<dt>Period</dt><dd>${time(period.since)} up to ${time(period.until)}, by when the log had the first step of a run</dd>
<dt>Scope</dt><dd>${pipelines.length === 0 ? 'every pipeline of the server' : pipelines.join(', ')}${environments.length === 0 ? '' : `; of what gates were asked, ${environments.join(', ')} alone`}</dd>
<dt>Server</dt><dd>${server.origin}, whose log had ${server.checkpoint.size} entries</dd>
<dt>Log entries</dt><dd>${entry}</dd>
<dt>Made at</dt><dd>${time(createdAt)}; all is judged as of then</dd>
<dt>Signed by</dt><dd>${exporter.by === null ? 'key' : `the server’s own log, for ${exporter.by.name ?? ''} (${exporter.by.kind} ${exporter.by.id}), key`} <code>${exporter.key.keyId}</code></dd>
</dl>
</header>`
}

function tile(n: number, label: string, tone: '' | 'good' | 'warn' | 'bad'): Markup {
  return html`<li class="${tone}"><b>${n}</b><span>${label}</span></li>`
}

function missingOf({ server }: Cover, { runs, steps, entries, refusals, decisions }: Figures): Markup {
  const lost = steps.listed - steps.verified - steps.withheld
  const span = entries === null ? 0 : entries.last - entries.first + 1
  const { counts } = server
  const said = [
    point(runs.missing === 0, `The server listed ${n(runs.listed, 'run')}; evidence of ${grouped(runs.held)} is here.`),
    point(
      lost <= 0 && steps.refused === 0,
      `It listed ${n(steps.listed, 'step')}; ${grouped(steps.verified)} verify, ${grouped(steps.withheld)} are withheld or erased, and ${n(steps.refused, 'line')} did not verify.`,
    ),
    entries === null
      ? point(false, 'No step has a receipt of a log, so nothing says where in it they are.')
      : point(
          span === entries.shown,
          `From its first to its last entry the pack spans ${n(span, 'entry', 'entries')} of the log and shows ${span === entries.shown ? 'each of them.' : `${grouped(entries.shown)}. The others are steps of other pipelines or periods, or contracts, certificates, deviations and erasures: what they are the log does not tell.`}`,
        ),
    point(
      counts.decisions === decisions.allow + decisions.deny + decisions.unknown && counts.refusals === refusals,
      `Decisions (${grouped(counts.decisions)}) and refusals (${grouped(counts.refusals)}) are the server’s word, and whoever made the pack signed how many it told.`,
    ),
    point(
      decisions.allow === decisions.backed,
      `Of ${n(decisions.allow, 'deploy')} allowed, the evidence here proves ${grouped(decisions.backed)}.${decisions.allow === decisions.backed ? '' : ' What the others let out was built in another period or pipeline, or is not proven.'}`,
    ),
  ]
  return html`<section>
<h2>What is missing</h2>
<p class="quiet">What the server said that it has, held against what is here. Whoever made the pack signed both: leaving something out is a lie under a signature.</p>
<ul class="plain">${said}</ul>
</section>`
}

/** Nothing where there is none: then the report is as it always was. */
function forksOf({ forks: { total, shown } }: Figures): Markup | null {
  if (total === 0) return null
  const rows = shown.map(
    ({ code, what, where }) =>
      html`<tr><td><span class="tag bad">fork</span></td><td><code>${code}</code></td><td class="wide">${what.slice(0, 600)}<br><span class="hint">${where}</span></td></tr>`,
  )
  const more = total > shown.length ? html`<p class="hint">The first ${shown.length} of ${total}.</p>` : null
  return html`
<section>
<h2>Forks</h2>
<p class="quiet">Two of what there is one of: two roots of one log for the same number of entries, two statements for one place, two steps for one entry or one place of a run. Each was signed by who signed the other. Whoever did is not to be believed, whatever else of theirs verifies here. ${n(total, 'fork')}.</p>
${more}
<div class="scroll"><table>
<thead><tr><th scope="col">What</th><th scope="col">Code</th><th scope="col">Told</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
</section>`
}

function point(good: boolean, text: string): Markup {
  return html`<li class="${good ? 'yes' : 'no'}">${text}</li>`
}

const OUTCOMES: readonly Outcome[] = ['proven', 'deviating', 'failed', 'unknown']

function pipelinesOf({ pipelines }: Figures): Markup {
  const rows = pipelines.map((one) => {
    const { pipeline, runs, missing, proven, deviating, failed, unknown } = one
    return html`<tr><th scope="row">${pipeline === '' ? 'not told' : pipeline}${barOf(one)}</th>
<td class="n">${runs + missing}</td><td class="n">${proven}</td><td class="n${deviating > 0 ? ' warn' : ''}">${deviating}</td>
<td class="n${failed + unknown > 0 ? ' bad' : ''}">${failed + unknown}</td><td class="n${missing > 0 ? ' bad' : ''}">${missing}</td>
<td class="n">${one.steps}</td><td class="n">${one.late}</td><td class="n">${one.refusals}</td>
<td>${one.revisions.length === 0 ? 'none' : `revision ${one.revisions.join(', ')}`}</td><td>${one.systems.join(', ')}</td><td>${one.weakestGrade ?? '–'}</td></tr>`
  })
  return html`<section>
<h2>Pipelines</h2>
<p class="quiet">A run is proven where it keeps the contract that it is bound to, by signatures that verify; where it is bound to none, where signatures and hand-overs fit. Grade is the weakest of who signed. A pipeline without runs recorded nothing in this time.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Pipeline</th><th scope="col" class="n">Runs</th><th scope="col" class="n">Proven</th><th scope="col" class="n">By deviation</th><th scope="col" class="n">Not proven</th><th scope="col" class="n">Missing</th><th scope="col" class="n">Steps</th><th scope="col" class="n">Late</th><th scope="col" class="n">Refused</th><th scope="col">Contract</th><th scope="col">Systems</th><th scope="col">Grade</th></tr></thead>
<tbody>${rows.length === 0 ? empty(12, 'No pipeline.') : rows}</tbody>
</table></div>
</section>`
}

function barOf(one: PipelineFigures): Markup | null {
  const total = one.runs + one.missing
  if (total === 0) return null
  let from = 0
  const parts = OUTCOMES.flatMap((outcome) => {
    const width = Math.round((one[outcome] / total) * 1000)
    const x = from
    from += width
    return width === 0
      ? []
      : [html`<rect class="${outcome}" x="${String(x)}" y="0" width="${String(width)}" height="8"/>`]
  })
  return html`<svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" x="0" y="0" width="1000" height="8"/>${parts}</svg>`
}

function environmentsOf({ environments }: Figures): Markup {
  const rows = environments.map((one: EnvironmentFigures) => {
    const { last, deviated, deny, unknown } = one
    const now =
      last === null
        ? '–'
        : `${last.artifact?.slice(0, 12) ?? 'erased'} of ${last.pipeline ?? 'no pipeline'}, ${time(last.at)}`
    return html`<tr><th scope="row">${one.environment === '' ? 'none named' : one.environment}</th>
<td class="n">${one.allow}</td><td class="n">${one.backed}</td><td class="n">${one.summed}</td><td class="n${deviated > 0 ? ' warn' : ''}">${deviated}</td>
<td class="n${deny > 0 ? ' bad' : ''}">${deny}</td><td class="n${unknown > 0 ? ' bad' : ''}">${unknown}</td><td class="wide">${now}</td></tr>`
  })
  return html`<section>
<h2>Environments</h2>
<p class="quiet">What gates were asked, and said. Allowed is the server’s word; proven says of how many the evidence in this pack shows that it was right, signed how many have the gate’s signed summary beside it.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Environment</th><th scope="col" class="n">Allowed</th><th scope="col" class="n">Proven here</th><th scope="col" class="n">Signed</th><th scope="col" class="n">By deviation</th><th scope="col" class="n">Denied</th><th scope="col" class="n">Unknown</th><th scope="col">Allowed last</th></tr></thead>
<tbody>${rows.length === 0 ? empty(8, 'No gate was asked.') : rows}</tbody>
</table></div>
</section>`
}

const KINDS: Readonly<Record<Incident['kind'], readonly [word: string, tone: 'bad' | 'warn' | 'none']>> = {
  'not-proven': ['not proven', 'bad'],
  missing: ['missing', 'bad'],
  dispute: ['open dispute', 'bad'],
  denial: ['denial', 'warn'],
  refusal: ['refusal', 'warn'],
  deviation: ['deviation', 'warn'],
  late: ['late', 'none'],
  withheld: ['withheld', 'none'],
}

function incidentsOf({ incidents: { total, shown } }: Figures): Markup {
  const rows = shown.map(({ at, kind, code, what, where }) => {
    const [word, tone] = KINDS[kind]
    return html`<tr><td class="nowrap">${at === null ? '–' : time(at)}</td><td><span class="tag ${tone}">${word}</span></td><td><code>${code}</code></td><td class="wide">${what.slice(0, 600)}${where === '' ? null : html`<br><span class="hint">${where}</span>`}</td></tr>`
  })
  const more =
    total > shown.length
      ? html`<p class="hint">The newest ${shown.length} of ${total}; the others are counted above.</p>`
      : null
  return html`<section>
<h2>Incidents</h2>
<p class="quiet">What was refused, denied, let through, late, withheld, not proven, or is disputed and open: ${n(total, 'incident')}, the newest first. <code>countersign explain CODE</code> says what a code means.</p>
${more}
<div class="scroll"><table>
<thead><tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">Code</th><th scope="col">Told</th></tr></thead>
<tbody>${rows.length === 0 ? empty(4, 'None.') : rows}</tbody>
</table></div>
</section>`
}

function actsOf({ acts }: Figures): Markup {
  const rows = (acts?.shown ?? []).map(
    ({ number, at, by, act, about }) =>
      html`<tr><td class="n">${number}</td><td class="nowrap">${time(at)}</td><td>${by.name ?? by.id}${by.kind === 'person' ? '' : `, ${by.kind}`}</td><th scope="row">${act}</th><td class="wide"><code>${about.slice(0, 200)}</code></td></tr>`,
  )
  const said =
    acts === null
      ? 'Whoever exported this may not read the audit log, so it is not here.'
      : `${n(acts.total, 'act')} of the period, each in the log and naming the one before, so that none in between can be left out. ${acts.closed ? 'The next one, which came later, is in the pack: none is missing at the end.' : 'That none came after the last is the server’s word.'}`
  const more =
    acts !== null && acts.total > acts.shown.length
      ? html`<p class="hint">The newest ${acts.shown.length} of ${acts.total}.</p>`
      : null
  return html`<section>
<h2>What administrators did</h2>
<p class="quiet">${said}</p>
${more}
<div class="scroll"><table>
<thead><tr><th scope="col" class="n">No.</th><th scope="col">Time</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">To</th></tr></thead>
<tbody>${rows.length === 0 ? empty(5, acts === null ? 'Not exported.' : 'None.') : rows}</tbody>
</table></div>
</section>`
}

function partiesOf({ signers, logs, anchors }: Figures): Markup {
  const rows = [
    ...signers.map(
      ({ name, keyId, grade, authority, system, runs }) =>
        html`<tr><th scope="row">${name}</th><td>signs steps${system === null ? '' : ` on ${system}`}</td><td>grade ${grade}${authority === null ? '' : `, by ${authority}`}</td><td><code>${authority === null ? keyId.slice(0, 16) : '–'}</code></td><td class="n">${runs}</td></tr>`,
    ),
    ...logs.map(
      ({ name, keyId, runs }) =>
        html`<tr><th scope="row">${name}</th><td>countersigns, as a log</td><td>–</td><td><code>${keyId.slice(0, 16)}</code></td><td class="n">${runs}</td></tr>`,
    ),
    ...anchors.by.map(
      ({ kind, by, runs }) =>
        html`<tr><th scope="row">${by}</th><td>anchors the log’s statements</td><td>${kind}</td><td>–</td><td class="n">${runs}</td></tr>`,
    ),
  ]
  return html`<section>
<h2>Who vouches</h2>
<p class="quiet">Everybody whose signature was verified. Grade A: a CI system vouches for repository, commit and run. B: the provider confirmed it. C: a workload alone. D: an enrolled key, by its enroller’s word.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Part</th><th scope="col">How it is known</th><th scope="col">Key</th><th scope="col" class="n">Runs</th></tr></thead>
<tbody>${rows.length === 0 ? empty(5, 'Nobody.') : rows}</tbody>
</table></div>
</section>`
}

function beliefOf({ exporter, server }: Cover, { anchors, runs, logs }: Figures): Markup {
  const forked =
    anchors.forked === 0
      ? ''
      : ` ${grouped(anchors.forked)} times a log signed two histories: it is not to be believed at all.`
  const outside =
    anchors.runs === 0
      ? 'No run here is anchored outside, so when something was recorded is the log’s word alone.'
      : `${n(anchors.runs, 'run')} of ${grouped(runs.held)} ${anchors.runs === 1 ? 'is' : 'are'} covered by statements that outside parties hold: whoever runs the server cannot have written them later.`
  return html`<section>
<h2>What you have to believe, and why</h2>
<ol class="belief">
<li><strong>That these keys are those of who they say.</strong> The keys came with the pack; whoever made it chose them. Name your own to <code>countersign audit verify</code> (<code>--trust</code>, <code>--contract</code>): it then says what they prove.</li>
<li><strong>That the signers kept their keys.</strong> A signature says that its key signed what was received and made. It does not say that a build machine did nothing else.</li>
<li><strong>That the log ${logs.length === 0 ? server.origin : logs.map(({ name }) => name).join(', ')} has one history.</strong> Receipts prove that a step was in it, and when by its clock. ${outside}${forked}</li>
<li><strong>That the server listed all.</strong> What never reached it, nobody can show. ${exporter.by === null ? 'What it said it has is signed by the key' : 'The server itself made and signed this pack, so nobody else says that this is what it listed. It is signed by the key'} <code>${exporter.key.keyId.slice(0, 16)}</code> (What is missing); a later pack, a witness or an anchor that says otherwise convicts one of them.</li>
<li><strong>Not this page.</strong> It was drawn from the evidence beside it. Verifying draws it again, and refuses a pack whose page differs by one character.</li>
</ol>
<pre>countersign audit verify PACK --trust signer.pub --report DIR
countersign verify --evidence DIR/runs/CHAIN.evidence.json</pre>
</section>`
}

function empty(columns: number, text: string): Markup {
  return html`<tr><td class="quiet" colspan="${String(columns)}">${text}</td></tr>`
}

function n(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** 2026-11-03T12:04:05.678Z as 2026-11-03 12:04 UTC. */
function time(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** First and last day of the period; the day, where they are one. */
function daysOf({ period }: Pick<Cover, 'period'>): string {
  const first = period.since.slice(0, 10)
  const last = new Date(Date.parse(period.until) - 1).toISOString().slice(0, 10)
  return first === last ? first : `${first} to ${last}`
}
