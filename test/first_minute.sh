#!/usr/bin/env bash
#
# What make and the scripts do before a server runs: which PostgreSQL they take, what they
# say of what is missing, what they refuse. Installations of PostgreSQL here are folders
# with a pg_config that only answers. Prints TAP; test/system/machines.sh does the same
# with real ones.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2123,SC2317  # makefiles, and what is put in place of the real
set -euo pipefail
# shellcheck source=system/prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/system/prelude.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.XXXXXX")
work=$(cd "$work" && pwd -P)
trap 'rm -rf "$work"' EXIT
unset PG_CONFIG MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
export CSM_DEBIAN=$work/debian CSM_FOLDERS="$work/debian/*/bin"
plain_path=$PATH

# Programs without any pg_config, so that this machine's own plays no part.
mkdir "$work/programs"
for program in bash sh make gcc perl sed awk grep cut sort head tail cat tr find mktemp rm rmdir mkdir cp mv ln ls \
	id env dirname basename uname date sleep tee chmod df od git touch getconf tar printf paste tac wc; do
	path=$(type -P "$program") && ln -s "$path" "$work/programs/$program"
done
PATH=$work/programs

# postgres VERSION FOLDER [part]...: an installation of which there are headers, server, or
# both; the makefiles of extensions are always there.
postgres()
{
	local version=$1 dir=$2
	shift 2
	mkdir -p "$dir/bin" "$dir/include" "$dir/share/extension"
	printf 'all: ; @echo "made for $(PG_CONFIG)"\n' >"$dir/pgxs.mk"
	cat >"$dir/bin/pg_config" <<-SH
		#!/bin/sh
		case \$1 in
			--version) echo "PostgreSQL $version" ;;
			--pgxs) echo $dir/pgxs.mk ;;
			--bindir) echo $dir/bin ;;
			--includedir-server) echo $dir/include ;;
			*) echo $dir/share ;;
		esac
	SH
	chmod 755 "$dir/bin/pg_config"
	case " $* " in *' headers '*) touch "$dir/include/postgres.h" ;; esac
	case " $* " in *' server '*) ln -sf /bin/true "$dir/bin/postgres" ;; esac
}

# No installation is left.
no_postgres() { rm -rf "$work/debian" "$work/opt" "$work/other"; }

# takes NAME FOLDER: the scripts and make take the PostgreSQL in that folder.
takes()
{
	is "$1: the scripts" "$(bash "$CSM_ROOT/tools/best_pg_config")" "$work/$2/bin/pg_config"
	is "$1: make" "$(make -s -C "$CSM_ROOT" 2>&1)" "made for $work/$2/bin/pg_config"
}

test_choice()
{
	no_postgres
	postgres 9.6.24 "$work/debian/9.6" headers server
	postgres 15.20 "$work/debian/15" headers server
	takes "15 is newer than 9.6" debian/15
	postgres 17.2 "$work/debian/17" server
	takes "a server without headers is not complete" debian/15
	postgres 17.2 "$work/debian/17" headers
	rm -f "$work/debian/17/bin/postgres"
	takes "headers without a server are not complete" debian/15
	postgres 17.2 "$work/debian/17" headers server
	takes "of complete ones the newest" debian/17
	PATH=$work/opt/bin:$PATH
	postgres 16.4 "$work/opt"
	takes "one on PATH that is not complete loses" debian/17
	postgres 16.4 "$work/opt" headers server
	takes "a complete one on PATH wins" opt
	is "PG_CONFIG wins: make" "$(make -s -C "$CSM_ROOT" PG_CONFIG="$work/debian/15/bin/pg_config")" \
		"made for $work/debian/15/bin/pg_config"
	# Debian's own pg_config on PATH answers for the newest folder, headers or not
	postgres 18.1 "$work/debian/18"
	rm -rf "$work/opt"
	mkdir -p "$work/opt/bin"
	ln -s "$work/debian/18/bin/pg_config" "$work/opt/bin/pg_config"
	takes "Debian's pg_config stands for a folder without headers" debian/17
	rm -rf "$work/debian/15" "$work/debian/18"
	rm -f "$work/debian/17/bin/postgres"
	takes "headers alone are enough to build" debian/17
	PATH=$work/programs
}

test_no_headers()
{
	local said
	no_postgres
	postgres 15.20 "$work/debian/15"
	is "the client alone is none" "$(bash "$CSM_ROOT/tools/best_pg_config")" ''
	PATH=$work/debian/15/bin:$PATH
	for said in all install installcheck; do
		like "make $said says which file is missing" "$(make -s -C "$CSM_ROOT" "$said" 2>&1)" \
			"there is no $work/debian/15/include/postgres.h"
	done
	PATH=$work/programs
	like "PG_CONFIG of one without headers is refused" \
		"$(PG_CONFIG=$work/debian/15/bin/pg_config find_pg_config 2>&1)" "no $work/debian/15/include/postgres.h"
	is "the client alone: packages" "$(missing_server_packages build 15 | paste -sd' ')" \
		"postgresql-15 postgresql-server-dev-15"
	postgres 15.20 "$work/debian/15" server
	is "a server without headers: packages" "$(missing_server_packages build 15)" postgresql-server-dev-15
}

# With apt-get that writes down what it is asked for.
test_nothing_installed()
{
	local where
	no_postgres
	postgres 15.20 "$work/debian/15" server
	postgres 16.4 "$work/opt" headers server
	mkdir -p "$work/apt"
	printf '#!/bin/sh\necho "apt-get $*" >>%s/asked\n' "$work" >"$work/apt/apt-get"
	chmod 755 "$work/apt/apt-get"
	where=$(PATH=$work/apt:$work/opt/bin:$PATH && need_packages build && echo "$PG_CONFIG") || true
	is "a complete one on PATH is taken" "$where" "$work/opt/bin/pg_config"
	where=$(export PG_CONFIG=$work/opt/bin/pg_config PATH=$work/apt:$PATH && need_packages build && echo "$PG_CONFIG") || true
	is "so is one that PG_CONFIG names" "$where" "$work/opt/bin/pg_config"
	is "and nothing is installed" "$(cat "$work/asked" 2>/dev/null)" ''
}

# says LINE...: what install_packages says when apt-get fails with these lines.
says()
(
	printf '%s\n' "$@" >"$work/apt_says"
	as_root() { "$@"; }
	may_install() { true; }
	hold_back_clusters() { :; }
	sleep() { :; }
	apt_get() { seq 60 && cat "$work/apt_says" && return 100; }
	install_packages postgresql-15 postgresql-15-pgtap 2>&1 || true
)

test_messages()
{
	local said
	said=$(says "W: Failed to fetch http://deb.example/InRelease  Temporary failure resolving 'deb.example'" \
		'E: Unable to locate package postgresql-15')
	is "without a network: four lines" "$(wc -l <<<"$said" | tr -d ' ')" 4
	like "the network is named" "$said" "Temporary failure resolving 'deb.example'\). Is there a network\?"
	like "and the line to type later" "$said" 'apt-get update && (sudo )?apt-get install --no-install-recommends postgresql-15 postgresql-15-pgtap'
	printf 'ID=ubuntu\nID_LIKE=debian\n' >"$work/os-release"
	said=$(OS_RELEASE=$work/os-release && says 'E: Unable to locate package postgresql-15-pgtap')
	like "Ubuntu: universe is named" "$said" 'apt does not know postgresql-15-pgtap. Ubuntu keeps it in universe'
	printf 'ID=debian\n' >"$work/os-release"
	said=$(OS_RELEASE=$work/os-release && says 'E: Unable to locate package postgresql-15-pgtap')
	unlike "Debian: it is not" "$said" universe
	said=$(
		may_install() { false; }
		id() { echo 1000; }
		sudo() { false; }
		missing_tools() { echo gcc; }
		packaged() { false; }
		need_debian_packages build 2>&1
	) || true
	like "who may not install gets the line" "$said" '^    sudo apt-get update && sudo apt-get install --no-install-recommends gcc$'
	like "and the other way" "$said" 'sudo -v'
}

# On other systems the message names the packages as they are called there.
test_other_systems()
{
	local id said
	for id in 'fedora:dnf .* postgresql-server-devel' 'arch:pacman .* postgresql' 'alpine:apk add .* postgresql-dev' \
		'rocky rhel fedora:dnf .* postgresql-server-devel'; do
		printf 'ID=%s\nID_LIKE="%s"\n' "${id%%[ :]*}" "${id%%:*}" >"$work/os-release"
		said=$(OS_RELEASE=$work/os-release && no_postgres && PATH=$work/programs && need_packages build 2>&1) || true
		like "${id%%[ :]*}: packages by their names there" "$said" "${id#*:}"
	done
	uname() { echo Darwin; }
	said=$(no_postgres && PATH=$work/programs && need_packages build 2>&1) || true
	unset -f uname
	like "macOS: xcode-select and brew" "$said" 'xcode-select --install && brew install postgresql'
}

# refuses NAME WANTED VARIABLE=VALUE TARGET: on the command line of make, and in the environment.
refuses()
{
	like "$1: on the command line" "$(make -s -C "$CSM_ROOT" "$4" "$3" 2>&1)" "$2"
	like "$1: in the environment" "$(env "$3" make -s -C "$CSM_ROOT" "$4" 2>&1)" "$2"
}

test_variables()
{
	refuses "csv for CSV" 'takes CSV.* csv|not know csv: it takes CSV' csv=/nonexistent demo
	refuses "CVS for CSV" 'takes CSV.* CVS|not know CVS: it takes CSV' CVS=/nonexistent demo
	refuses "CSV" '^CSV=/nonexistent: there is no such file' CSV=/nonexistent demo
	refuses "tests for TESTS" 'takes TESTS.* tests|not know tests: it takes TESTS' tests=catalog test
	refuses "rows for ROWS" 'takes .*ROWS.* rows|not know rows: it takes .*ROWS' rows=1 bench
	like "any other name on the command line" "$(make -s -C "$CSM_ROOT" demo FILE=/nonexistent 2>&1)" 'does not know FILE'
	is "a name like none of them in the environment" "$(FILE=x CVS_RSH=ssh SEND=x known_variables demo CSV ENDS 2>&1)" ''
	is "COPT and PG_CONFIG are for every target" "$(CSM_GIVEN='COPT PG_CONFIG CSM_ROOT' known_variables demo CSV 2>&1)" ''
}

test_room()
{
	local said
	df() { printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 51200 30720 20480 61%% /a b\n'; }
	said=$(need_room 100 2>&1) || true
	like "too little room is said" "$said" '20 MB free, and 100 MB are needed: set TMPDIR'
	is "enough room is not" "$(need_room 20 2>&1)" ''
	unset -f df
	like "a TMPDIR that is not there" "$(TMPDIR=/nonexistent make -s -C "$CSM_ROOT" demo 2>&1)" '^TMPDIR=/nonexistent: there is no such'
}

test_copy()
{
	local tree=$work/tree said
	mkdir "$tree"
	chmod 755 "$work"
	tar_sources | tar -C "$tree" -x --no-same-owner
	find "$tree" -type f -exec chmod a-x {} +
	like "scripts run without the x bit" "$(make -s -C "$tree" demo ENDS=maybe 2>&1)" '^ENDS=maybe: it is either'
	like "make help prints the targets" "$(make -s -C "$tree" help)" '^make demo '
	is "and nothing but them" "$(make -s -C "$tree" help | grep -cv '^make ')" 0

	no_postgres
	postgres 15.20 "$work/debian/15" headers server
	is "make alone builds" "$(PATH=$work/programs && make -s -C "$tree")" "made for $work/debian/15/bin/pg_config"
	sed "s/^default_version = .*/default_version = '0'/" "$CSM_ROOT/csm_metrics.control" >"$tree/csm_metrics.control"
	touch -t 202001010000 "$tree/csm_metrics.control"
	mkdir "$work/posix"
	printf '#!/bin/sh\ncase $1 in -i*) exit 1 ;; esac\nexec %s "$@"\n' "$(type -P sed)" >"$work/posix/sed"
	chmod 755 "$work/posix/sed"
	PATH=$work/posix:$PATH make -s -C "$tree" csm_metrics.control
	is "the version goes into the control file, by any sed" \
		"$(diff "$tree/csm_metrics.control" "$CSM_ROOT/csm_metrics.control" && find "$tree" -name '*.new')" ''

	choose_server_user
	[ -n "$SERVER_USER" ] || chmod a-w "$tree/src"
	said=$(as_server_user env CSM_ROOT="$tree" bash -c '. "$1/tools/lib.sh"; can_write_tree || echo no' sh "$tree")
	is "the checkout of another user cannot be written" "$said" no
	chmod u+w "$tree/src"
	succeeds "one's own can" env CSM_ROOT="$tree" bash -c '. "$1/tools/lib.sh"; can_write_tree' sh "$tree"
}

# What a system does that ends lines in its own way.
test_line_ends()
{
	if ! command -v git >/dev/null || [ ! -e "$CSM_ROOT/.git" ]; then
		skip "line ends" "this tree is not a clone of the repository"
		return
	fi
	export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$CSM_ROOT" \
		GIT_CONFIG_KEY_1=core.autocrlf GIT_CONFIG_VALUE_1=true
	git clone -q "$CSM_ROOT" "$work/clone"
	is "lines end in LF where git is told to write CRLF" "$(git -C "$work/clone" ls-files --eol | grep -c 'w/crlf\|w/mixed' || true)" 0
	is "what is compared byte for byte has no lines" "$(git -C "$work/clone" ls-files --eol test/fuzz/corpus test/versions/*/values.copy |
		grep -vc 'attr/-text' || true)" 0
	unset GIT_CONFIG_COUNT
}

test_choice
test_no_headers
test_nothing_installed
test_other_systems
PATH=$plain_path
test_messages
test_variables
test_room
test_copy
test_line_ends
finish
