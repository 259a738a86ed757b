\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.3.0'" to load this file. \quit

-- Beside "convert" the server's own function of that name was not unique; views go on calling it
ALTER FUNCTION convert(revenue_history, numeric, text) RENAME TO in_currency;
