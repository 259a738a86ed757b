-- terms: what holds of terms that replace each other

CREATE TYPE revenue_terms;
COMMENT ON TYPE revenue_terms IS
	'transition state of history_latest_agg: the terms of one item';

CREATE FUNCTION csm_terms_in(cstring) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_in(cstring) IS
	'text input of revenue_terms';

CREATE FUNCTION csm_terms_out(revenue_terms) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_terms_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_out(revenue_terms) IS
	'text output of revenue_terms';

CREATE FUNCTION csm_terms_recv(internal) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_recv(internal) IS
	'binary input of revenue_terms';

CREATE FUNCTION csm_terms_send(revenue_terms) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_terms_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_send(revenue_terms) IS
	'binary output of revenue_terms';

CREATE TYPE revenue_terms (
	INPUT = csm_terms_in, OUTPUT = csm_terms_out,
	RECEIVE = csm_terms_recv, SEND = csm_terms_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_terms_combine(revenue_terms, revenue_terms) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_terms_combine(revenue_terms, revenue_terms) IS
	'puts two sets of terms together';

CREATE FUNCTION csm_terms_final(revenue_terms) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_terms_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_terms_final(revenue_terms) IS
	'the history of what holds on each day';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric) IS
	'one item from terms that replace each other: the one that starts last holds';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';
