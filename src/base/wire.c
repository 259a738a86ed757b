/*
 * wire.c
 *		Reading and writing binary forms; wire.h says how they look.
 */
#include "base/port.h"

#include "base/wire.h"

/* An unsigned big-endian integer of up to 8 bytes. */
uint64
csm_read_integer(csm_reader *reader, int bytes)
{
	uint64 value = 0;

	if (reader->end - reader->next < bytes)
	{
		reader->failed = true;
		reader->next = reader->end;
		return 0;
	}
	for (int i = 0; i < bytes; i++)
		value = (value << 8) | *reader->next++;
	return value;
}

/* A coefficient in 16 bytes, two's complement; more than 38 digits fail. */
int128
csm_read_coefficient(csm_reader *reader)
{
	csm_uint128 high = csm_read_integer(reader, 8);
	csm_uint128 low = csm_read_integer(reader, 8);
	int128 coefficient = (int128) ((high << 64) | low);

	if (!csm_decimal_fits(coefficient))
	{
		reader->failed = true;
		return 0;
	}
	return coefficient;
}

csm_uint256
csm_read_uint256(csm_reader *reader)
{
	csm_uint256 value;

	for (int i = 3; i >= 0; i--)
		value.limb[i] = csm_read_integer(reader, 8);
	return value;
}

void
csm_read_bytes(csm_reader *reader, void *into, int bytes)
{
	if (reader->end - reader->next < bytes)
	{
		reader->failed = true;
		reader->next = reader->end;
		memset(into, 0, bytes);
		return;
	}
	memcpy(into, reader->next, bytes);
	reader->next += bytes;
}

void
csm_write_integer(csm_writer *writer, uint64 value, int bytes)
{
	Assert(writer->end - writer->next >= bytes);
	for (int i = bytes - 1; i >= 0; i--)
		*writer->next++ = (unsigned char) (value >> (8 * i));
}

void
csm_write_coefficient(csm_writer *writer, int128 coefficient)
{
	csm_write_integer(writer, (uint64) ((csm_uint128) coefficient >> 64), 8);
	csm_write_integer(writer, (uint64) coefficient, 8);
}

void
csm_write_uint256(csm_writer *writer, const csm_uint256 *value)
{
	for (int i = 3; i >= 0; i--)
		csm_write_integer(writer, value->limb[i], 8);
}

void
csm_write_bytes(csm_writer *writer, const void *from, int bytes)
{
	Assert(writer->end - writer->next >= bytes);
	memcpy(writer->next, from, bytes);
	writer->next += bytes;
}

bool
csm_currency_is_valid(const char *code, int length)
{
	if (length < 1 || length >= CSM_CURRENCY_SIZE)
		return false;
	for (int i = 0; i < length; i++)
	{
		char c = code[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			  c == '_' || c == '.' || c == '-'))
			return false;
	}
	return true;
}

/* A zero-padded code, or none. */
bool
csm_currency_field_is_valid(const char *field)
{
	int length = 0;

	while (length < CSM_CURRENCY_SIZE && field[length] != '\0')
		length++;
	for (int i = length; i < CSM_CURRENCY_SIZE; i++)
	{
		if (field[i] != '\0')
			return false;
	}
	return length == 0 || csm_currency_is_valid(field, length);
}

/* Amounts add up, and are set against each other, only in one currency. */
void
csm_currency_check_same(const char *a, const char *b)
{
	if (memcmp(a, b, CSM_CURRENCY_SIZE) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amounts in different currencies cannot be added up: %s and %s",
						a[0] ? a : "none given", b[0] ? b : "none given"),
				 errhint("Convert the amounts to one currency first, or group by currency.")));
}
