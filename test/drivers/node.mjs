// node-postgres reads the views and calls functions with bound values.
//
//   node node.mjs DIRECTORY VIEW...
//
// Writes DIRECTORY/VIEW.rows, as COPY does, and DIRECTORY/VIEW.types; prints facts, "name<tab>value".
// The server is that of the environment.
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import Cursor from 'pg-cursor';

const [directory, ...views] = process.argv.slice(2);
const client = new pg.Client();
const names = Object.fromEntries(Object.entries(pg.types.builtins).map(([name, oid]) => [oid, name.toLowerCase()]));

const fact = (name, value) => console.log(`${name}\t${value}`);

// A date is midnight of the local time zone: its local parts are the day.
function day(date) {
	const pad = (number, width) => String(number).padStart(width, '0');
	return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

function copied(value) {
	if (value === null) return '\\N';
	if (value instanceof Date) return day(value);
	if (typeof value === 'boolean') return value ? 't' : 'f';
	return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function kind(value) {
	return value instanceof Date ? 'Date' : typeof value;
}

// What the driver says about each column, and what it makes of the values.
function types(result) {
	return result.fields.map((field, i) => {
		const kinds = new Set(result.rows.map(row => row[i]).filter(value => value !== null).map(kind));
		return `${field.name}\t${names[field.dataTypeID]} ${[...kinds].join(',')}`.trimEnd();
	});
}

async function read(view) {
	const result = await client.query({ text: `SELECT * FROM bi.${view}`, rowMode: 'array' });
	writeFileSync(`${directory}/${view}.rows`, result.rows.map(row => row.map(copied).join('\t') + '\n').join(''));
	writeFileSync(`${directory}/${view}.types`, types(result).map(line => line + '\n').join(''));
}

async function value(text, values = [], binary = false) {
	const result = await client.query({ text, values, binary, rowMode: 'array' });
	return result.rows[0][0];
}

async function state(text, values = []) {
	try {
		await client.query(text, values);
		return 'no error';
	} catch (error) {
		return error.code;
	}
}

async function calls() {
	const most = '9'.repeat(38);
	fact('ndr', await value('SELECT ndr_agg($1, $2)', ['100.00', '125.00']));
	fact('ndr of nothing', await value('SELECT ndr_agg($1, $2)', [0, 5]));
	fact('38 digits', await value('SELECT starting(retention_agg($1, $2))', [most, null]));
	fact('churn', await value('SELECT churn_agg($1)', [true]));
	fact('retention', await value('SELECT retention_agg($1, $2, $3::daterange, $4)::text', ['3.50', '4', '[2024-01-01,2025-01-01)', 'EUR']));
	fact('snapshot', await value('SELECT history_agg($1, $2, $3::interval)::text', ['2024-02-29', '12.50', '1 month']));
	fact('subscription', await value('SELECT history_agg($1::daterange, $2)::text', ['[2024-02-29,)', '12.50']));
	fact('segment', await value('SELECT label($1::segment)', ['Größe "L" d\'Or [0,100)']));
	fact('scheme', await value('SELECT label(segment_of($1, $2::segment[]))', ['5.5', ['low [0,5)', 'Größe "L" d\'Or, 東京 [5,)']]));
}

// A custom type as text, as it comes, and sent back.
async function customs() {
	for (const type of ['summary', 'history', 'scheme']) {
		fact(`${type} as text`, await value(`SELECT ${type} FROM sample`));
		fact(`${type} and back`, await value(`SELECT ${type} = $1 FROM sample`, [await value(`SELECT ${type} FROM sample`)]));
	}
}

// Bytes are sent in the binary format. They are not asked for in it: node-postgres reads results as text only.
async function binaries() {
	for (const [column, send] of [['summary', 'csm_retention_summary_send'], ['history', 'csm_history_send']])
		fact(`${column} in binary`, await value(`SELECT ${column} = $1 FROM sample`, [await value(`SELECT ${send}(${column}) FROM sample`)]));
}

// The same statement eight times: after five the server may use one plan for all.
async function prepared() {
	const seen = new Set();
	for (let i = 0; i < 8; i++) {
		const result = await client.query({ name: 'often', rowMode: 'array', values: ['2024-06-01', '1000'],
			text: 'SELECT ndr(rollup(summary)), amount_at(rollup(history), $1), label(segment_of($2, min(scheme))) FROM sample' });
		seen.add(result.rows[0].join(' '));
	}
	fact('prepared', [...seen].join(' / '));
	fact('plans for all values', await value("SELECT generic_plans > 0 FROM pg_prepared_statements WHERE name = 'often'"));
}

async function cursor() {
	const portal = client.query(new Cursor('SELECT account_id, change FROM bi.movement', [], { rowMode: 'array' }));
	let rows, count = 0, sum = 0n;
	do {
		rows = await portal.read(100);
		count += rows.length;
		for (const row of rows) sum += BigInt(row[1]);
	} while (rows.length > 0);
	await portal.close();
	fact('cursor', `${count} ${sum}`);
}

async function errors() {
	fact('negative amount', await state('SELECT ndr_agg($1, $2)', [-1, 5]));
	fact('too many digits', await state('SELECT starting(retention_agg($1, 1))', ['1' + '0'.repeat(38)]));
	fact('malformed text', await state('SELECT $1::retention_summary', ['{}']));
	fact('malformed binary', await state('SELECT $1::retention_summary', [Buffer.from([1, 2, 3])]));
	fact('no unit', await state('SELECT history_agg($1, $2, $3::interval)', ['2024-01-01', 1, '1 hour']));
	fact('no step', await state('SELECT bridge_agg(history, $1, $2, $3) FROM sample', ['2024-01-01', '2025-01-01', null]));
	fact('after errors', await value('SELECT ndr_agg(2, 3.0)'));
}

await client.connect();
for (const view of views)
	await read(view);
for (const task of [calls, customs, binaries, prepared, cursor, errors])
	await task();
await client.end();
