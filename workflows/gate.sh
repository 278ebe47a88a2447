#!/bin/sh
# Lets a pipeline go on only where one artifact is proven under a contract. Exit code 0 allow, 1 deny, 2 unknown, which
# denies as well. Said by the environment:
#   COUNTERSIGN_URL       the server
#   COUNTERSIGN_SUBJECT   the artifact: a file, a directory, or sha256:…
#   COUNTERSIGN_CONTRACT  file of the contract
set -euf
: "${COUNTERSIGN_SUBJECT:?name the artifact}" "${COUNTERSIGN_CONTRACT:?name the contract}"
home=$(cd "${0%/*}" && pwd)
exec "$home/countersign" gate "--contract=$COUNTERSIGN_CONTRACT" -- "$COUNTERSIGN_SUBJECT"
