import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about contracts, and what they ask for beyond order and hand-overs. */
export const CONTRACT_CODES = {
  'contract-invalid': {
    why: 'The contract cannot be understood, so nothing can be allowed under it.',
    fix: 'Mend the line named, and check with: countersign contract lint',
  },
  'contract-empty': {
    why: 'Empty never means pass: a contract without steps or signers allows nothing.',
    fix: 'Describe at least one step and who may sign it.',
  },
  'contract-missing': {
    why: 'The pipeline has a contract, and this step is not bound to it.',
    fix: 'Record with --contract FILE, the contract that the server holds.',
  },
  'contract-unknown': {
    why: 'The server does not hold the contract that the step is bound to.',
    fix: 'Publish it: countersign contract publish FILE',
  },
  'evidence-missing': {
    why: 'The contract asks for a report of this step, and the step recorded none of that kind that says enough.',
    fix: 'Record it with the step: countersign run --evidence FILE',
  },
  'tests-failed': {
    why: 'The contract asks that the tests passed, and their report says otherwise.',
    fix: 'Mend what fails, and run the step again.',
  },
  'vulnerability-found': {
    why: 'A scan found a vulnerability that the contract does not bear, and no VEX that it takes excuses it.',
    fix: 'Update what is vulnerable; or record a VEX document that says why it is not affected, with a step that the contract takes it from.',
  },
  'approval-missing': {
    why: 'The contract asks for the approval of so many different people; one of them counts once, whatever keys they have.',
    fix: 'Have somebody else approve it: countersign approve ARTIFACT',
  },
  'approval-own': {
    why: 'Whoever made something does not approve it: that would be one pair of eyes where two were asked for.',
    fix: 'Have somebody else approve it.',
  },
  'step-stale': {
    why: 'What the step found out was true then; the contract says how long it counts.',
    fix: 'Run the step again, and those after it.',
  },
  'runner-not-allowed': {
    why: 'The contract says what kind of machine the step runs on, and the certificate of its signer says another, or none.',
    fix: 'Run it on such a runner, with an identity of the CI system.',
  },
  'name-disallowed': {
    why: 'The contract says that nothing of this name goes through the step, whatever else lets it in.',
    fix: 'Leave it out of the materials and products, and find out how it came there.',
  },
  'condition-unmet': {
    why: 'A condition of the contract does not hold of this step, or asks for what nobody knows: that is never a pass.',
    fix: 'See the condition named; mend the step, or the contract.',
  },
  'contract-unsigned': {
    why: 'Whoever can publish could else change the rules alone: a contract with maintainers is changed by as many of them as it says.',
    fix: 'Have the maintainers sign it: countersign contract sign FILE, and publish what that wrote.',
  },
  'contract-superseded': {
    why: 'An older contract may let through what the newer one was made to stop.',
    fix: 'Take the contract that is in force (countersign contract show PIPELINE), and run again under it.',
  },
  'deviation-invalid': {
    why: 'A deviation lets through what the contract refuses, so it says exactly what, where and until when; what could be forged is never excused.',
    fix: 'Make it with: countersign deviate new, which names what can be excused.',
  },
  'deviation-unsigned': {
    why: 'Nobody excuses alone: a deviation counts when as many maintainers of the contract have signed it as that says.',
    fix: 'Have the others sign it: countersign deviate sign FILE',
  },
  'deviation-expired': {
    why: 'What was let through for a time is not let through for good.',
    fix: 'Mend what it excused, or have the maintainers sign a new one.',
  },
  'runs-differ': {
    why: 'No one contract fits runs that differ in their steps or in what they hand over, so none is guessed.',
    fix: 'Leave out the runs that are not as they should be, or write the contract by hand.',
  },
} as const satisfies Record<string, CodeEntry>
