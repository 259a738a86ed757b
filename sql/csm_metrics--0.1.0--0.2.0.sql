\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.2.0'" to load this file. \quit

-- Nothing that SQL sees differs between the two: the library is all that is new.
