#!/bin/sh
# Runs one command line as a step of the chain, and gives its exit code. Everything is said by the environment, so that
# no text of others is ever part of a script:
#   COUNTERSIGN_URL        the server
#   COUNTERSIGN_STEP       name of the step
#   COUNTERSIGN_RUN        the command line, for bash
#   COUNTERSIGN_MATERIALS  what it receives: files, directories, patterns, one a line
#   COUNTERSIGN_PRODUCTS   what it makes, one a line
# COUNTERSIGN_PIPELINE, COUNTERSIGN_CONTRACT, COUNTERSIGN_CHAIN and the others are read by countersign itself.
set -euf
: "${COUNTERSIGN_STEP:?name the step}" "${COUNTERSIGN_RUN:?name the command line}"
home=$(cd "${0%/*}" && pwd)
IFS='
'
set --
for name in ${COUNTERSIGN_MATERIALS:-}; do set -- "$@" "--materials=$name"; done
for name in ${COUNTERSIGN_PRODUCTS:-}; do set -- "$@" "--products=$name"; done
unset IFS
exec "$home/countersign" run "--step=$COUNTERSIGN_STEP" "$@" -- \
  bash --noprofile --norc -euo pipefail -c "$COUNTERSIGN_RUN"
