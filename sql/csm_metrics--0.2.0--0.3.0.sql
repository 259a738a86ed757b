\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.3.0'" to load this file. \quit
