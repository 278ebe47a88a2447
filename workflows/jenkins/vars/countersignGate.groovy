/**
 * Lets a pipeline go on only where one artifact is proven under the contract:
 *
 *   countersignGate subject: 'dist/app.tgz', contract: 'contract.yaml'
 *
 * Environment and credential as in countersignRecord.
 */
def call(Map settings) {
  def given = [
    'COUNTERSIGN_SUBJECT=' + settings.subject,
    'COUNTERSIGN_CONTRACT=' + (settings.contract ?: 'contract.yaml'),
  ]
  withCredentials([string(credentialsId: settings.credential ?: 'countersign', variable: 'COUNTERSIGN_ID_TOKEN')]) {
    withEnv(given) {
      sh label: 'Countersign gate', script: '''#!/bin/bash
(
  set -eu
  path=$PATH PATH=/usr/local/bin:/usr/bin:/bin
  countersign=$(mktemp -d)
  trap '/bin/rm -rf "$countersign"' EXIT
  curl -qfsSL --retry 3 -o "$countersign/archive" "${COUNTERSIGN_ARCHIVE:-https://github.com/countersign/countersign/releases/download/v$COUNTERSIGN_VERSION/countersign.tgz}"
  echo "$COUNTERSIGN_SHA256  $countersign/archive" | sha256sum -c -
  tar -xzf "$countersign/archive" -C "$countersign"
  PATH=$path
  "$countersign/workflows/gate.sh"
)
'''
    }
  }
}
