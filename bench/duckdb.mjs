// DuckDB's part of the bench.
//
//   node duckdb.mjs load DATABASE TABLE COLUMNS CSV     makes a native table, once
//   node duckdb.mjs run DATABASE THREADS TABLE SQL      prints the milliseconds, then the answer
//
// COLUMNS is JSON, as in {"account": "BIGINT"}. The SQL reads the table by the name "data".
//
// The rows are read once before the clock starts, as PostgreSQL's are.
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [task, database, ...args] = process.argv.slice(2);
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();

async function load(table, columns, csv) {
	await connection.run(`CREATE TABLE ${table} AS SELECT * FROM read_csv('${csv}', header = false, columns = ${columns})`);
}

async function run(threads, table, file) {
	const sql = readFileSync(file, 'utf8');
	await connection.run(`SET threads = ${Number(threads)}`);
	await connection.run(`CREATE TEMP VIEW data AS SELECT * FROM ${table}`);
	await connection.runAndReadAll('SELECT max(COLUMNS(*)) FROM data');
	const began = performance.now();
	const reader = await connection.runAndReadAll(sql);
	console.log((performance.now() - began).toFixed(3));
	for (const row of reader.getRowsJson())
		console.log(row.join('|'));
}

await { load, run }[task](...args);
connection.closeSync();
instance.closeSync();
