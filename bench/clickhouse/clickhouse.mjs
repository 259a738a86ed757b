// ClickHouse's part of the bench, by its embedded package.
//
//   node clickhouse.mjs load DATABASE CSV     makes the table "events", once
//   node clickhouse.mjs run DATABASE SQL      prints the milliseconds, then the answer
//   node clickhouse.mjs version
//
// One thread. The rows are read once before the clock starts, as PostgreSQL's are.
import { readFileSync } from 'node:fs';
import { Session, query } from 'chdb';

const [task, database, file] = process.argv.slice(2);

// Names as a dictionary, times as numbers, rows in the order of time, as they lie in PostgreSQL.
const table = `CREATE TABLE events (account UInt64, at UInt64, event LowCardinality(String)) ENGINE = MergeTree ORDER BY at`;

function load(session) {
	session.query(table);
	session.query(`INSERT INTO events SELECT * FROM file('${file}', CSV, 'account UInt64, at UInt64, event String')`);
	session.query('OPTIMIZE TABLE events FINAL');
}

function run(session) {
	const sql = readFileSync(file, 'utf8') + ' SETTINGS max_threads = 1';
	session.query('SELECT sum(account), sum(at), uniq(event) FROM events SETTINGS max_threads = 1');
	const began = performance.now();
	const answer = session.query(sql, 'TabSeparated');
	console.log((performance.now() - began).toFixed(3));
	process.stdout.write(answer.replaceAll('\t', '|'));
}

if (task === 'version') {
	console.log(query('SELECT version()', 'TabSeparated').trim());
} else {
	const session = new Session(database);
	({ load, run })[task](session);
	session.close();
}
