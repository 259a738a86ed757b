# psycopg2, psycopg (3) and pyodbc read the views and call functions with bound values.
#
#   python3 dbapi.py psycopg2|psycopg|pyodbc DIRECTORY VIEW...
#
# Writes DIRECTORY/VIEW.rows, as COPY does, and DIRECTORY/VIEW.types; prints facts, "name<tab>value".
# The server is that of the environment; pyodbc finds its driver's library in ODBC_DRIVER.
import datetime
import os
import sys
from decimal import Decimal

name, directory, *views = sys.argv[1:]
driver = __import__(name)
sys.stdout.reconfigure(encoding='utf-8')


# ODBC: booleans as such, not as text.
def connect(options=''):
    if name != 'pyodbc':
        return driver.connect()
    environment = {key: os.environ['PG' + key] for key in ('HOST', 'PORT', 'USER', 'DATABASE')}
    return driver.connect('DRIVER={ODBC_DRIVER};SERVERNAME={HOST};PORT={PORT};UID={USER};DATABASE={DATABASE};'
                          'BoolsAsChar=0;'.format(
                              ODBC_DRIVER=os.environ['ODBC_DRIVER'], **environment) + options, autocommit=True)


def fact(what, value):
    if value is None or isinstance(value, bool):
        value = {None: 'null', True: 'true', False: 'false'}[value]
    print(what, format(value, 'f') if isinstance(value, Decimal) else value, sep='\t')


# DB-API knows two ways to write a parameter.
def adapted(statement):
    return statement.replace('%s', '?') if name == 'pyodbc' else statement


def rows(statement, parameters=()):
    cursor = connection.cursor()
    cursor.execute(adapted(statement), parameters)
    return cursor.description, cursor.fetchall()


def value(statement, *parameters):
    return rows(statement, parameters)[1][0][0]


def copied(value):
    if value is None:
        return '\\N'
    if isinstance(value, bool):
        return 't' if value else 'f'
    if isinstance(value, Decimal):
        return format(value, 'f')
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value).replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t')


# What the driver says about each column: the type's OID, or the code of ODBC's catalog function.
def codes(view, description):
    if name != 'pyodbc':
        return [(column[0], column[1]) for column in description]
    return [(column.column_name, column.data_type) for column in connection.cursor().columns(table=view, schema='bi')]


def read(view):
    description, found = rows('SELECT * FROM bi.' + view)
    with open(f'{directory}/{view}.rows', 'w', encoding='utf-8') as file:
        for row in found:
            print(*map(copied, row), sep='\t', file=file)
    with open(f'{directory}/{view}.types', 'w', encoding='utf-8') as file:
        for i, (column, code) in enumerate(codes(view, description)):
            kinds = {type(row[i]).__name__ for row in found if row[i] is not None}
            print(column, ' '.join([str(code), *sorted(kinds)]), sep='\t', file=file)


def calls():
    day = datetime.date(2024, 2, 29)
    fact('ndr', value('SELECT ndr_agg(%s, %s)', Decimal('100.00'), Decimal('125.00')))
    fact('ndr of nothing', value('SELECT ndr_agg(%s, %s)', 0, 5))
    fact('38 digits', value('SELECT starting(retention_agg(%s, %s))', Decimal('9' * 38), None))
    fact('churn', value('SELECT churn_agg(%s)', True))
    fact('retention', value('SELECT retention_agg(%s, %s, %s::daterange, %s)::text', Decimal('3.50'), 4, '[2024-01-01,2025-01-01)', 'EUR'))
    fact('snapshot', value('SELECT history_agg(%s, %s, %s::interval)::text', day, Decimal('12.50'), '1 month'))
    fact('subscription', value('SELECT history_agg(%s::daterange, %s)::text', '[2024-02-29,)', Decimal('12.50')))
    fact('segment', value('SELECT label(%s::segment)', 'Größe "L" d\'Or [0,100)'))
    scheme = ['low [0,5)', 'Größe "L" d\'Or, 東京 [5,)']
    if name == 'pyodbc':                                       # ODBC knows no arrays
        scheme = '{"low [0,5)", "Größe \\"L\\" d\'Or, 東京 [5,)"}'
    fact('scheme', value('SELECT label(segment_of(%s, %s::segment[]))', Decimal('5.5'), scheme))


# A custom type as text, as it comes, and sent back.
def customs():
    for column, kind in (('summary', 'retention_summary'), ('history', 'revenue_history'), ('scheme', 'segment[]')):
        text = value(f'SELECT {column} FROM sample')
        fact(f'{column} as text', text)
        fact(f'{column} and back', bool(value(f'SELECT {column} = %s::{kind} FROM sample', text)))


# In the binary format, both ways: psycopg alone asks for it, and hands over the bytes of types that it does not know.
def binaries():
    for column, send in (('summary', 'csm_retention_summary_send'), ('history', 'csm_history_send')):
        cursor = connection.cursor(binary=True)
        got, sent = cursor.execute(f'SELECT {column}, {send}({column}) FROM sample').fetchone()
        oid = value(f'SELECT pg_typeof({column})::oid FROM sample')
        back = connection.pgconn.exec_params(f'SELECT {column} = $1 FROM sample'.encode(), [got], [oid], [1])
        fact(f'{column} in binary', bytes(got) == bytes(sent) and back.get_value(0, 0) == b't')


# The same statement eight times: after five the server may use one plan for all.
def prepared():
    statement = 'SELECT ndr(rollup(summary)), amount_at(rollup(history), {}), label(segment_of({}, min(scheme))) FROM sample'
    parameters = (datetime.date(2024, 6, 1), Decimal(1000))
    cursor = connection.cursor()
    options = {'prepare': True} if name == 'psycopg' else {}
    if name == 'psycopg2':                                     # it has no prepared statements but SQL's
        cursor.execute('PREPARE often (date, numeric) AS ' + statement.format('$1', '$2'))
        text = 'EXECUTE often (%s, %s)'
    else:
        text = adapted(statement.format('%s', '%s'))
    seen = set()
    for _ in range(8):
        cursor.execute(text, parameters, **options)
        seen.add(' '.join(format(v, 'f') if isinstance(v, Decimal) else v for v in cursor.fetchone()))
    fact('prepared', ' / '.join(seen))
    fact('plans for all values', bool(value('SELECT max(generic_plans) > 0 FROM pg_prepared_statements')))


# Rows by the hundred, from a cursor on the server.
def cursor():
    if name == 'pyodbc':
        portal = connect('UseDeclareFetch=1;Fetch=100;').cursor()
    else:
        portal = connection.cursor('portal')
    portal.execute('SELECT account_id, change FROM bi.movement')
    count, total = 0, 0
    while found := portal.fetchmany(100):
        count += len(found)
        total += sum(row[1] for row in found)
    portal.close()
    fact('cursor', f'{count} {total}')


def state(statement, *parameters):
    try:
        value(statement, *parameters)
        return 'no error'
    except driver.Error as error:
        if name != 'pyodbc':
            connection.rollback()
        return error.args[0] if name == 'pyodbc' else getattr(error, 'sqlstate', None) or error.pgcode


def errors():
    fact('negative amount', state('SELECT ndr_agg(%s, %s)', -1, 5))
    fact('too many digits', state('SELECT starting(retention_agg(%s, 1))', Decimal('1' + '0' * 38)))
    fact('malformed text', state('SELECT %s::retention_summary', '{}'))
    fact('no unit', state('SELECT history_agg(%s, %s, %s::interval)', datetime.date(2024, 1, 1), 1, '1 hour'))
    fact('no step', state('SELECT bridge_agg(history, %s, %s, %s::interval) FROM sample', datetime.date(2024, 1, 1), datetime.date(2025, 1, 1), None))
    fact('after errors', value('SELECT ndr_agg(2, 3.0)'))


connection = connect()
for view in views:
    read(view)
for task in (calls, customs, prepared, cursor, errors):
    task()
if name == 'psycopg':
    binaries()
connection.close()
