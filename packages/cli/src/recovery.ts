import type { Code } from '@countersign/core'

/** What to do about a log that refuses to sign, by the code it says. */
export const RECOVERY = {
  'log-behind': [
    'Leave the lock as it is. It is right: it holds what was signed last, and the data is older.',
    'Find the newest data: the disk that the server last ran on, or the newest backup and what was written since.',
    'Stop the server, and put that data in its place, with the keys (DATA/keys) that belong to it.',
    'Check it: npm start -- --fsck, with the options of the server. It must reach the signed root.',
    'Start the server.',
  ],
  'log-forked': [
    'Leave the lock as it is. Somebody who holds a checkpoint can prove the other history.',
    'See what differs: npm start -- --fsck names every entry and tile that is not what was signed.',
    'Bring back the data that was signed: the disk that the server last ran on, or a backup from before the change.',
    'Find out who changed the data: it was not the server. Look at who can write to its disk.',
    'Start the server.',
  ],
  'log-corrupt': [
    'Stop the server, and copy its data as it is before anything else.',
    'See what is damaged: npm start -- --fsck names every entry and tile.',
    'Check the disk; then bring back the newest backup of the database together with what was written since.',
    'Check it again: npm start -- --fsck must reach the signed root. A backup that is older is log-behind.',
    'Start the server.',
  ],
  'log-lock-missing': [
    'Find the lock: DATA/lock, or what --lock named. The log has signed before, so there is one.',
    'Point the server to it. Never make a new one while there is data: old data could not be told from new.',
    'Where it is lost, ask the witnesses, and whoever keeps receipts or statements, for the largest checkpoint they hold.',
    'If the lock does not come back, this log cannot go on: begin another one under another name (--origin), and publish that checkpoint as the last of the old one.',
  ],
  'checkpoint-conflict': [
    'Stop every server of this log.',
    'Find out which one was to run: two of them sign for one log, often an old machine that came back.',
    'Start that one alone. It finishes or refuses by itself.',
  ],
  'statement-forked': [
    'Leave the lock as it is, and keep both statements.',
    'Bring back the data whose statements were published: countersign statement verify shows which they are.',
    'Start the server.',
  ],
  'witness-conflict': [
    'Keep what the witness has kept: STATE/forks holds both checkpoints, and they prove it.',
    'If a backup was brought back, its lock too, the witness has seen more: bring back the newest data.',
    'If not, somebody else signs with the key of this log: take the key away from all but this server, and begin another log under another name and key. Tell everybody who relies on the old one.',
  ],
  'keys-missing': [
    'Bring back the newest copy of the keys: DATA/keys/keys.db, or what --keys named.',
    'An older copy lacks the keys of what was recorded since: that is lost, and can be recorded again by running the pipeline.',
    'Start the server.',
  ],
} as const satisfies Partial<Record<Code, readonly string[]>>
