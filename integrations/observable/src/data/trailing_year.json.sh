#!/usr/bin/env bash
exec psql -XAtq -v ON_ERROR_STOP=1 -c "SELECT coalesce(json_agg(x), '[]') FROM bi.trailing_year AS x"
