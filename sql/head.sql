/* csm_metrics: exact SaaS retention and customer-success figures */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION csm_metrics" to load this file. \quit

