import type { Code } from '@countersign/core'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AnchorEvent } from '@countersign/anchor'
import type { Decision } from '@countersign/verify'
import type { Standing } from './verbs/anchors.ts'
import type { WitnessEvent } from './verbs/witnesses.ts'

/** Prometheus metrics of one server. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests = new Histogram({
    name: 'countersign_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.#registry],
  })
  readonly #appends = new Counter({
    name: 'countersign_appends_total',
    help: 'Attestations accepted; created is false for a retry.',
    labelNames: ['created'],
    registers: [this.#registry],
  })
  readonly #refusals = new Counter({
    name: 'countersign_refusals_total',
    help: 'Attestations refused, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  })
  readonly #lost = new Counter({
    name: 'countersign_refusals_lost_total',
    help: 'Refusals that the inbox could not keep.',
    registers: [this.#registry],
  })
  readonly #batches = new Histogram({
    name: 'countersign_batch_size',
    help: 'Appends in one transaction.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.#registry],
  })
  readonly #decisions = new Histogram({
    name: 'countersign_gate_seconds',
    help: 'Time to a decision of the gate, durable, by decision.',
    labelNames: ['decision'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.#registry],
  })
  readonly #witnessed = new Counter({
    name: 'countersign_witness_requests_total',
    help: 'Cosignatures asked for, by witness and outcome: cosigned, failed or conflict.',
    labelNames: ['witness', 'outcome'],
    registers: [this.#registry],
  })
  readonly #witnessUp = new Gauge({
    name: 'countersign_witness_up',
    help: '1 while a witness cosigned when it was asked last.',
    labelNames: ['witness'],
    registers: [this.#registry],
  })
  readonly #witnessSize = new Gauge({
    name: 'countersign_witness_size',
    help: 'Entries of the checkpoint that a witness cosigned last.',
    labelNames: ['witness'],
    registers: [this.#registry],
  })

  readonly #statements = new Counter({
    name: 'countersign_statements_total',
    help: 'Statements of the log made.',
    registers: [this.#registry],
  })
  readonly #missed = new Counter({
    name: 'countersign_statement_periods_missed_total',
    help: 'Periods that had no statement of their own; a later one covers them.',
    registers: [this.#registry],
  })
  readonly #failed = new Counter({
    name: 'countersign_statement_failures_total',
    help: 'Statements that could not be made, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  })
  readonly #stated = new Gauge({
    name: 'countersign_statement_end_seconds',
    help: 'Unix time up to which the log has stated.',
    registers: [this.#registry],
  })

  readonly #anchorMoves = new Counter({
    name: 'countersign_anchor_moves_total',
    help: 'Moves of statements into anchors, by outcome: moved, final, failed or dead.',
    labelNames: ['anchor', 'outcome'],
    registers: [this.#registry],
  })
  readonly #anchorStatements = new Gauge({
    name: 'countersign_anchor_statements',
    help: 'Statements by how far they are: pending, submitted, included, final, or dead, which nobody tries any longer.',
    labelNames: ['anchor', 'state'],
    registers: [this.#registry],
  })
  readonly #anchorEnd = new Gauge({
    name: 'countersign_anchor_end_seconds',
    help: 'Unix time up to which an anchor proves what the log has stated.',
    labelNames: ['anchor'],
    registers: [this.#registry],
  })
  readonly #anchorGap = new Gauge({
    name: 'countersign_anchor_gap',
    help: '1 while a statement waits longer for its final proof than the settings allow.',
    labelNames: ['anchor'],
    registers: [this.#registry],
  })
  readonly #anchorCost = new Gauge({
    name: 'countersign_anchor_cost',
    help: 'What an anchor has cost so far, by unit.',
    labelNames: ['anchor', 'unit'],
    registers: [this.#registry],
  })

  readonly #tokens = new Counter({
    name: 'countersign_tokens_total',
    help: 'Identity tokens shown, by outcome: admitted, or the code of the refusal.',
    labelNames: ['outcome'],
    registers: [this.#registry],
  })

  readonly #confirmations = new Counter({
    name: 'countersign_confirmations_total',
    help: 'Runs that a provider was to confirm, by outcome: confirmed, unnamed, or the code of the fault.',
    labelNames: ['system', 'outcome'],
    registers: [this.#registry],
  })

  readonly #certificates = new Counter({
    name: 'countersign_certificates_total',
    help: 'Certificates asked for, by outcome: issued, or the code of the refusal.',
    labelNames: ['outcome'],
    registers: [this.#registry],
  })

  /** Adds what there is to know of this process. It watches for as long as the process lives: once is enough. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry })
  }

  answered(route: string, method: string, status: number, seconds: number): void {
    this.#requests.labels(route, method, String(status)).observe(seconds)
  }

  appended(created: boolean): void {
    this.#appends.labels(String(created)).inc()
  }

  decided(decision: Decision, seconds: number): void {
    this.#decisions.labels(decision).observe(seconds)
  }

  refused(code: Code): void {
    this.#refusals.labels(code).inc()
  }

  refusalLost(): void {
    this.#lost.inc()
  }

  certificate(outcome: Code | 'issued'): void {
    this.#certificates.labels(outcome).inc()
  }

  batch(size: number): void {
    this.#batches.observe(size)
  }

  /** `end` in milliseconds since 1970. */
  stated(end: number, missed: number): void {
    this.#statements.inc()
    this.#missed.inc(missed)
    this.#stated.set(end / 1000)
  }

  statementFailed(code: Code): void {
    this.#failed.labels(code).inc()
  }

  witnessed({ name, outcome, size }: WitnessEvent): void {
    this.#witnessed.labels(name, outcome).inc()
    this.#witnessUp.labels(name).set(outcome === 'cosigned' ? 1 : 0)
    if (outcome === 'cosigned') this.#witnessSize.labels(name).set(size)
  }

  anchorMoved({ anchor, outcome }: AnchorEvent): void {
    this.#anchorMoves.labels(anchor, outcome).inc()
  }

  anchored(standings: readonly Standing[]): void {
    for (const { name, counts, provenTo, gap, costs } of standings) {
      for (const [state, count] of Object.entries(counts)) this.#anchorStatements.labels(name, state).set(count)
      if (provenTo !== null) this.#anchorEnd.labels(name).set(Date.parse(provenTo) / 1000)
      this.#anchorGap.labels(name).set(gap === null ? 0 : 1)
      for (const { unit, amount } of costs) this.#anchorCost.labels(name, unit).set(Number(amount))
    }
  }

  token(outcome: Code | 'admitted' | 'resumed'): void {
    this.#tokens.labels(outcome).inc()
  }

  confirmation(system: string, outcome: Code | 'confirmed' | 'unnamed'): void {
    this.#confirmations.labels(system, outcome).inc()
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
}
