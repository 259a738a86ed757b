#!/usr/bin/env bash
#
# Twenty seconds of fuzzing for every type; test/fuzz/run.sh says what is asserted.
FUZZ_SECONDS=${FUZZ_SECONDS:-20} exec bash "$(dirname "${BASH_SOURCE[0]}")/../fuzz/run.sh"
