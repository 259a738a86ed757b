#!/usr/bin/env bash
#
# make fuzz [TARGETS="target ..."] [FUZZ_SECONDS=300]
#
# Runs libFuzzer on every type of the extension, inside PostgreSQL (fuzz.c says why), with
# the address and the undefined-behaviour sanitizer and with assertions. Two targets for a
# type: TYPE reads text and binary forms, TYPE-merge merges and orders three values. They
# start from the seeds in corpus/, which seeds.sh makes.
#
# Prints TAP, a line for each target. An input that is a finding is kept as
# fuzz-findings/TARGET-crash-... (or -timeout-, -oom-) in the source tree; give its path
# as INPUT to run that one alone: make fuzz TARGETS=segment INPUT=fuzz-findings/segment-crash-1
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
# shellcheck source=../system/prelude.sh
. "$root/test/system/prelude.sh"
: "${FUZZ_SECONDS:=300}"

ALL_TARGETS=$(printf '%s %s-merge ' retention_sums{,} retention_summary{,} revenue_history{,} segment{,} \
	coverage_summary{,} cohort_matrix{,} lift_summary{,} bridge_state{,} survival_summary{,} health_summary{,} segment_flows{,} revenue_terms{,} usage_history{,} funnel_steps{,} funnel_summary{,})

# The source tree with fuzz.c among the sources, built by clang.
instrument()
{
	local arch flags
	arch=$(uname -m)
	flags='-w -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-wrapv'
	build_in_copy
	cp "$here/fuzz.c" "$CSM_ROOT/src/"
	cat >>"$CSM_ROOT/Makefile" <<-MAKE

		CC = clang
		override CFLAGS += $flags -DUSE_ASSERT_CHECKING
		override CPPFLAGS += -U_FORTIFY_SOURCE
		override LDFLAGS += -fsanitize=fuzzer-no-link,address,undefined -shared-libasan -Wl,-Bsymbolic
		SHLIB_LINK += $(clang -print-file-name="libclang_rt.fuzzer_no_main-$arch.a") -lstdc++ -lm
	MAKE
	RUNTIME=$(clang -print-file-name="libclang_rt.asan-$arch.so")
}

# Statements for the server alone in the data directory, one a line. The limit is for
# a server that hangs outside the fuzzer, which has limits of its own.
single_user()
{
	as_server_user env LD_PRELOAD="$(preload_of "$RUNTIME")" ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0 \
		UBSAN_OPTIONS=print_stacktrace=1 LLVM_SYMBOLIZER_PATH="$(command -v llvm-symbolizer || true)" \
		timeout -k 10 $((FUZZ_SECONDS + 120)) "$BINDIR/postgres" --single -D "$SERVER_DIR/data" csm
}

prepare()
{
	stop_cluster main
	single_user >"$work/prepare.log" 2>&1 <<-'SQL' || true
		CREATE EXTENSION csm_metrics
		CREATE FUNCTION csm_fuzz(regtype, text, text[]) RETURNS void AS 'csm_metrics' LANGUAGE C STRICT
	SQL
	if grep -qE 'ERROR|FATAL' "$work/prepare.log"; then
		die "the instrumented library cannot be loaded:" "$(cat "$work/prepare.log")"
	fi
}

# Copies what the server's user may not be able to read.
give_seeds()
{
	mkdir -p "$work/$1/found" "$work/$1/seeds"
	[ ! -d "$here/corpus/$1" ] || cp -r "$here/corpus/$1/." "$work/$1/seeds/"
	cp "$here/tokens.dict" "$work/$1/"
	[ -z "${INPUT:-}" ] || cp "$INPUT" "$work/$1/input"
	[ -z "$SERVER_USER" ] || chown -R "$SERVER_USER" "$work/$1"
}

options()
{
	if [ -n "${INPUT:-}" ]; then
		printf '%s' "$work/$1/input"
	else
		printf '%s,' "-max_total_time=$FUZZ_SECONDS" -max_len=8192 -timeout=60 -rss_limit_mb=3000 \
			-detect_leaks=0 -print_final_stats=1 -reload=0 -verbosity=1 "-dict=$work/$1/tokens.dict" \
			"-artifact_prefix=$work/$1/$1-"
		printf '%s' "$work/$1/found,$work/$1/seeds"
	fi
}

# The number behind a word of the log.
figure() { sed -n "s/.*$2[^0-9]*\([0-9][0-9]*\).*/\1/p" "$1" | tail -n 1; }

run_target()
{
	local target=$1 kind=value log=$work/$1.log executions accepted summary findings
	case $target in *-merge) kind=merge ;; esac
	give_seeds "$target"
	SECONDS=0
	printf "SELECT csm_fuzz('%s', '%s', '{%s}')\n" "${target%-merge}" "$kind" "$(options "$target")" |
		single_user >"$log" 2>&1 || true
	executions=$(figure "$log" 'stat::number_of_executed_units:')
	accepted=$(figure "$log" 'inputs, ')
	findings=$(find "$work/$target" -maxdepth 1 -type f -name "$target-*")
	summary="$target: ${executions:-0} executions in $SECONDS s, ${accepted:-0} accepted and asked $(figure "$log" ' accepted, ') questions, $(figure "$log" ' cov: ') edges covered"
	if [ -n "$findings" ]; then
		mkdir -p "$root/fuzz-findings"
		# shellcheck disable=SC2086  # a list of paths
		cp $findings "$root/fuzz-findings/"
		fail "$summary, a finding in fuzz-findings" "$(tail -n 80 "$log")"
	elif [ "${accepted:-0}" = 0 ] || [ "${executions:-0}" = 0 ]; then
		fail "$summary: nothing was tested" "$(tail -n 80 "$log")"
	else
		pass "$summary, no finding"
	fi
}

need_packages fuzz
instrument
start_server
work=$SERVER_DIR/fuzz
mkdir "$work"
prepare
for target in ${TARGETS:-$ALL_TARGETS}; do
	run_target "$target"
done
finish
