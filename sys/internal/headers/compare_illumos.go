//go:build cgo

package headers

/*
#define INCLUDES
#include "facts.h"
#undef INCLUDES

typedef struct zones_fact {
	int number;
	long long value;
	const char *text;
} zones_fact_t;

static const zones_fact_t zones_facts[] = {
#define	INTEGER(number, expression)	{ number, (long long)(expression), NULL },
#define	TEXT(number, string)		{ number, 0, string },
#include "facts.h"
};

static int
zones_count(void)
{
	return (sizeof (zones_facts) / sizeof (zones_facts[0]));
}

static const zones_fact_t *
zones_get(int i)
{
	return (&zones_facts[i]);
}
*/
import "C"

// System returns the facts of this system's headers by their numbers. Facts that
// these headers don't have are missing.
func System() map[int]Fact {
	said := map[int]Fact{}
	for i := range int(C.zones_count()) {
		f := C.zones_get(C.int(i))
		if f.text != nil {
			said[int(f.number)] = Fact{Text: C.GoString(f.text), IsText: true}
		} else {
			said[int(f.number)] = Fact{Value: int64(f.value)}
		}
	}
	return said
}
