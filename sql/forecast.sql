-- forecast: what the open book will do, by what accounts in the same bands did before

CREATE FUNCTION ndr_forecast(past retention_summary[], open retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ndr_forecast(past retention_summary[], open retention_summary[]) IS
	'NDR to expect of the open amounts, each band at the NDR of its past accounts; NULL without a past or when nothing is open';

CREATE FUNCTION grr_forecast(past retention_summary[], open retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_grr_forecast' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION grr_forecast(past retention_summary[], open retention_summary[]) IS
	'GRR to expect of the open amounts, each band at the GRR of its past accounts; NULL without a past or when nothing is open';

CREATE FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) IS
	'interval of ndr_forecast, chance only: too narrow where rates move from period to period';

CREATE FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) IS
	'interval of ndr_forecast, chance and the ups and downs between the periods of the run; NULL with fewer than three periods';

CREATE FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_grr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) IS
	'interval of grr_forecast, chance only: too narrow where rates move from period to period';

CREATE FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_grr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) IS
	'interval of grr_forecast, chance and the ups and downs between the periods of the run; NULL with fewer than three periods';
