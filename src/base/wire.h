/*
 * wire.h
 *		What the binary forms of all types share: a cursor that reads and one that writes.
 *
 * Every binary value starts with a version byte; integers are big-endian.  A reader
 * never runs past its end: it turns "failed" and yields zeros, so that a parser checks
 * once, when it is done.
 */
#ifndef CSM_WIRE_H
#define CSM_WIRE_H

#include "base/decimal.h"

typedef struct csm_reader
{
	const unsigned char *next;
	const unsigned char *end;
	bool failed;
} csm_reader;

typedef struct csm_writer
{
	unsigned char *next;
	unsigned char *end;
} csm_writer;

extern uint64 csm_read_integer(csm_reader *reader, int bytes);
extern int128 csm_read_coefficient(csm_reader *reader);
extern csm_uint256 csm_read_uint256(csm_reader *reader);
extern void csm_read_bytes(csm_reader *reader, void *into, int bytes);

extern void csm_write_integer(csm_writer *writer, uint64 value, int bytes);
extern void csm_write_coefficient(csm_writer *writer, int128 coefficient);
extern void csm_write_uint256(csm_writer *writer, const csm_uint256 *value);
extern void csm_write_bytes(csm_writer *writer, const void *from, int bytes);

/* Currency codes: 1 to 15 of A-Z a-z 0-9 _ . - , zero-padded; all zero is "none". */
#define CSM_CURRENCY_SIZE 16

extern bool csm_currency_is_valid(const char *code, int length);
extern bool csm_currency_field_is_valid(const char *field);
extern void csm_currency_check_same(const char *a, const char *b);

#endif /* CSM_WIRE_H */
