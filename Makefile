# csm_metrics: SaaS retention figures inside PostgreSQL.
#   make demo    see it work on a private, throw-away server (CSV=file: about your own subscriptions)
#   make test    run the tests on a private server (TESTS="name ...": some of them)
#   make report  one HTML file with pictures: OUT=report.html, CSV=, DB= (Node.js)
#   make test-all    those, and the ones that need other versions, engines, drivers, faults
#   make sqlsmith    100,000 random queries (SQLSMITH_QUERIES, SQLSMITH_SEED)
#   make fuzz    look for inputs that break a type (FUZZ_SECONDS=300 for each target)
#   make bench   measure it against plain SQL (PEERS=duckdb adds DuckDB)
#   make dist    the zip for PGXN, of what is committed; make deb    Debian packages, of that zip
#   make && make install && make installcheck    the PGXS way, on a server of your own

ifndef PG_CONFIG
PG_CONFIG := $(or $(shell bash tools/best_pg_config 2>/dev/null),pg_config)
endif

EXTENSION  = csm_metrics
EXTVERSION = $(shell sed -n 's/^   "version": "\(.*\)",$$/\1/p' META.json)
CONCEPTS   = days checks retention history terms bridge bridge_scan cohorts segment coverage lift \
             survival health forecast compare history_scan usage_history funnel funnel_scan
MODULE_big = $(EXTENSION)
OBJS       = $(patsubst %.c,%.o,$(wildcard src/*.c src/*/*.c))
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = results regression.diffs regression.out $(wildcard $(EXTENSION)--*.sql)

# TESTS="retention_oracle ..." runs some of them
REGRESS      = $(or $(TESTS),$(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test --load-extension=pgtap --load-extension=$(EXTENSION)

PG_CPPFLAGS = -Isrc -DCSM_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = -O2 -Wall -Wextra -Wno-unused-parameter $(WERROR)

# Debian's client brings pgxs.mk without the headers.
PGXS     := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
POSTGRES := $(addsuffix /postgres.h,$(shell $(PG_CONFIG) --includedir-server 2>/dev/null))
ifneq ($(and $(wildcard $(PGXS)),$(wildcard $(POSTGRES))),)
include $(PGXS)
else
all install installcheck:
	@echo "PostgreSQL's server headers were not found: $(if $(POSTGRES),there is no $(POSTGRES),$(PG_CONFIG) does not run)." >&2
	@echo "make demo says how to get them, and does it where it may; PG_CONFIG=/path/to/pg_config chooses another PostgreSQL." >&2
	@exit 1
endif

$(OBJS): $(wildcard src/*.h src/*/*.h) META.json

# psql says what to do with the script instead of running it
$(EXTENSION)--$(EXTVERSION).sql: $(CONCEPTS:%=sql/%.sql) META.json
	printf '%s\n\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit' \
		| cat - $(filter %.sql,$^) > $@

# META.json is the one place of the version.
$(EXTENSION).control: META.json
	sed "s/^default_version = .*/default_version = '$(EXTVERSION)'/" $@ > $@.new
	cat $@.new > $@
	rm $@.new

# PG_CONFIG and the other variables reach the scripts only where the caller set them;
# otherwise they look for the best PostgreSQL themselves. They refuse names that they do
# not know. A checkout may have lost the x bits.
GIVEN  = $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
SCRIPT = @CSM_GIVEN='$(GIVEN)' bash

demo test bench report:
	$(SCRIPT) $@/run.sh

# the charts of the sample company for the documentation
pictures:
	@bash report/run.sh pictures

# random SQL over everything that the extension has, for about an hour
sqlsmith:
	@SQLSMITH_QUERIES=$(or $(SQLSMITH_QUERIES),100000) bash test/system/sqlsmith.sh

test-all:
	@bash test/run.sh all

fuzz:
	@bash test/fuzz/run.sh

# the tables of simulated coverage in doc/: one for each file of tools/coverage
coverage-table:
	@bash tools/coverage/run.sh

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

# The same commit gives the same bytes, whatever the time zone.
DIST = $(EXTENSION)-$(EXTVERSION)
dist:
	@git diff --quiet HEAD || echo "make dist: changes that are not committed stay out of $(DIST).zip" >&2
	TZ=UTC git archive --format=zip --prefix=$(DIST)/ --output=$(DIST).zip HEAD

# Source package and packages below deb/, of the zip; dpkg-buildpackage says what it lacks.
deb: dist
	rm -rf deb
	mkdir deb
	unzip -q $(DIST).zip -d deb
	tar -C deb --exclude=debian -czf deb/csm-metrics_$(EXTVERSION).orig.tar.gz $(DIST)
	cd deb/$(DIST) && dpkg-buildpackage -us -uc

format:
	clang-format -i src/*.[ch] src/*/*.[ch]

.PHONY: demo report pictures bench test test-all sqlsmith fuzz coverage-table help dist deb format
