-- segment: a named band of amounts

CREATE TYPE segment;
COMMENT ON TYPE segment IS
	'a named band of yearly revenue: a label, a low end that is included and a high end that is not';

CREATE FUNCTION csm_segment_in(cstring) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_in(cstring) IS
	'text input of segment';

CREATE FUNCTION csm_segment_out(segment) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_segment_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_out(segment) IS
	'text output of segment';

CREATE FUNCTION csm_segment_recv(internal) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_recv(internal) IS
	'binary input of segment';

CREATE FUNCTION csm_segment_send(segment) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_segment_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_send(segment) IS
	'binary output of segment';

CREATE TYPE segment (
	INPUT = csm_segment_in, OUTPUT = csm_segment_out,
	RECEIVE = csm_segment_recv, SEND = csm_segment_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = plain
);

-- Parts

CREATE FUNCTION label(segment) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_segment_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION label(segment) IS
	'the name of a segment';

CREATE FUNCTION arr_from(segment) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_segment_arr_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION arr_from(segment) IS
	'the low end of a segment, which it includes; NULL when open';

CREATE FUNCTION arr_to(segment) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_segment_arr_to' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION arr_to(segment) IS
	'the high end of a segment, which it excludes; NULL when open';

CREATE FUNCTION csm_segment_to_numrange(segment) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_segment_to_numrange' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_to_numrange(segment) IS
	'cast of segment to numrange: its band';

CREATE CAST (segment AS numrange) WITH FUNCTION csm_segment_to_numrange(segment);

-- Membership and schemes

CREATE FUNCTION csm_segment_contains(segment, numeric) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_contains_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_contains(segment, numeric) IS
	'implementation of @> operator';

CREATE FUNCTION csm_numeric_in_segment(numeric, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_numeric_in_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_numeric_in_segment(numeric, segment) IS
	'implementation of <@ operator';

CREATE FUNCTION csm_segment_contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_segment_contains_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_contains_support(internal) IS
	'planner support of @>: membership in a constant segment is two comparisons';

CREATE FUNCTION csm_numeric_in_segment_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_numeric_in_segment_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_numeric_in_segment_support(internal) IS
	'planner support of <@: membership in a constant segment is two comparisons';

ALTER FUNCTION csm_segment_contains(segment, numeric) SUPPORT csm_segment_contains_support;
ALTER FUNCTION csm_numeric_in_segment(numeric, segment) SUPPORT csm_numeric_in_segment_support;

CREATE OPERATOR @> (
	LEFTARG = segment, RIGHTARG = numeric, FUNCTION = csm_segment_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (segment, numeric) IS 'does the band hold the amount';

CREATE OPERATOR <@ (
	LEFTARG = numeric, RIGHTARG = segment, FUNCTION = csm_numeric_in_segment,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (numeric, segment) IS 'is the amount within the band';

CREATE FUNCTION segment_of(arr numeric, scheme segment[]) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION segment_of(arr numeric, scheme segment[]) IS
	'the first segment of the scheme whose band holds the amount; NULL outside all bands';

CREATE FUNCTION segment_scheme(name text) RETURNS segment[]
	AS 'MODULE_PATHNAME', 'csm_segment_scheme' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION segment_scheme(name text) IS
	'the schemes of the field: deal_size and enterprise';

CREATE FUNCTION check_scheme(segment[]) RETURNS segment[]
	AS 'MODULE_PATHNAME', 'csm_check_scheme' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION check_scheme(segment[]) IS
	'the scheme in order, or an error that names its gap, overlap or repeated label';

-- Comparison: by low end, high end, label; the same in every collation

CREATE FUNCTION csm_segment_eq(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_eq(segment, segment) IS
	'implementation of = operator';

CREATE FUNCTION csm_segment_ne(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_ne(segment, segment) IS
	'implementation of <> operator';

CREATE FUNCTION csm_segment_lt(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_lt(segment, segment) IS
	'implementation of < operator';

CREATE FUNCTION csm_segment_le(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_le(segment, segment) IS
	'implementation of <= operator';

CREATE FUNCTION csm_segment_gt(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_gt(segment, segment) IS
	'implementation of > operator';

CREATE FUNCTION csm_segment_ge(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_ge(segment, segment) IS
	'implementation of >= operator';

CREATE FUNCTION csm_segment_cmp(segment, segment) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_cmp(segment, segment) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_segment_hash(segment) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_hash(segment) IS
	'hash';

CREATE FUNCTION csm_segment_hash_extended(segment, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_segment_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_hash_extended(segment, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (segment, segment) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (segment, segment) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (segment, segment) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (segment, segment) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (segment, segment) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (segment, segment) IS 'greater than or equal';

CREATE OPERATOR CLASS segment_btree_ops DEFAULT FOR TYPE segment USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_segment_cmp(segment, segment);

CREATE OPERATOR CLASS segment_hash_ops DEFAULT FOR TYPE segment USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_segment_hash(segment),
	FUNCTION 2 csm_segment_hash_extended(segment, bigint);

-- Equal segments have equal bytes
ALTER OPERATOR FAMILY segment_btree_ops USING btree ADD FUNCTION 4 (segment, segment) btequalimage(oid);

CREATE FUNCTION csm_segment_smaller(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_smaller(segment, segment) IS
	'transition of min: the first of two in order';

CREATE FUNCTION csm_segment_larger(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_larger(segment, segment) IS
	'transition of max: the last of two in order';

CREATE AGGREGATE min(segment) (
	SFUNC = csm_segment_smaller, STYPE = segment, COMBINEFUNC = csm_segment_smaller, SORTOP = <, PARALLEL = safe
);
COMMENT ON AGGREGATE min(segment) IS
	'the first segment in order: that of the lowest band';

CREATE AGGREGATE max(segment) (
	SFUNC = csm_segment_larger, STYPE = segment, COMBINEFUNC = csm_segment_larger, SORTOP = >, PARALLEL = safe
);
COMMENT ON AGGREGATE max(segment) IS
	'the last segment in order: that of the highest band';
