/*
 * asan_first.c
 *		Starts a preloaded address sanitizer before any library of the program.
 *
 * The sanitizer sets itself up in the first malloc.  In PostgreSQL that came from a
 * constructor of libgpg-error, inside bindtextdomain and with the lock of the C library's
 * message catalogs held; the sanitizer asks for a message itself, upsets the lock, and
 * the server waits for it for ever.  Linked with -z initfirst, this constructor is first.
 */
#include <stdlib.h>

__attribute__((constructor)) static void
allocate_first(void)
{
	void *volatile memory = malloc(1);

	free(memory);
}
