// DuckDB's part of the bench.
//
//   node duckdb.mjs load DATABASE CSV            makes the native table, once
//   node duckdb.mjs run DATABASE THREADS SQL     prints the milliseconds, then the answer
//
// The rows are read once before the clock starts, as PostgreSQL's are.
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [task, database, ...args] = process.argv.slice(2);
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();

async function load(csv) {
	await connection.run(`CREATE TABLE snapshots AS SELECT * FROM read_csv('${csv}', header = false,
		columns = {'account': 'BIGINT', 'day': 'DATE', 'amount': 'DECIMAL(12,2)'})`);
}

async function run(threads, file) {
	const sql = readFileSync(file, 'utf8');
	await connection.run(`SET threads = ${Number(threads)}`);
	await connection.runAndReadAll('SELECT max(account), max(day), sum(amount) FROM snapshots');
	const began = performance.now();
	const reader = await connection.runAndReadAll(sql);
	console.log((performance.now() - began).toFixed(3));
	for (const row of reader.getRowsJson())
		console.log(row.join('|'));
}

await { load, run }[task](...args);
connection.closeSync();
instance.closeSync();
