/**
 * Runs one command line as a step of the chain, in bash on a Linux agent with Node 22 or newer:
 *
 *   countersignRecord step: 'build', run: 'make', products: ['dist/app.tgz']
 *
 * From the environment: COUNTERSIGN_URL, COUNTERSIGN_VERSION, COUNTERSIGN_SHA256 (of the release's countersign.tgz). The
 * credential `countersign` is an "OpenID Connect id token" of the plugin oidc-provider, for the audience of the server: it
 * holds no secret, Jenkins makes each build a token. Once: countersign issuer add jenkins --help.
 */
def call(Map settings) {
  def lines = { value -> value == null ? '' : value instanceof List ? value.join('\n') : value.toString() }
  def given = [
    'COUNTERSIGN_STEP=' + settings.step,
    'COUNTERSIGN_RUN=' + settings.run,
    'COUNTERSIGN_PIPELINE=' + (settings.pipeline ?: env.JOB_NAME),
    'COUNTERSIGN_MATERIALS=' + lines(settings.materials),
    'COUNTERSIGN_PRODUCTS=' + lines(settings.products),
  ]
  withCredentials([string(credentialsId: settings.credential ?: 'countersign', variable: 'COUNTERSIGN_ID_TOKEN')]) {
    withEnv(given) {
      sh label: 'Countersign record', script: '''#!/bin/bash
(
  set -eu
  path=$PATH PATH=/usr/local/bin:/usr/bin:/bin
  countersign=$(mktemp -d)
  trap '/bin/rm -rf "$countersign"' EXIT
  curl -qfsSL --retry 3 -o "$countersign/archive" "${COUNTERSIGN_ARCHIVE:-https://github.com/countersign/countersign/releases/download/v$COUNTERSIGN_VERSION/countersign.tgz}"
  echo "$COUNTERSIGN_SHA256  $countersign/archive" | sha256sum -c -
  tar -xzf "$countersign/archive" -C "$countersign"
  PATH=$path
  "$countersign/workflows/record.sh"
)
'''
    }
  }
}
