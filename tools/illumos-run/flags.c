/* Translation of sets of flags and of single numbers by table. */
#include "shim.h"

uint32_t flags_to_linux(const char *call, const struct flag *table, size_t count, uint32_t value)
{
	uint32_t translated = 0;
	uint32_t left = value;
	for (size_t i = 0; i < count; i++)
		if (table[i].sun != 0 && (value & table[i].sun) == table[i].sun) {
			translated |= table[i].linux_;
			left &= ~table[i].sun;
		}
	if (left != 0)
		unknown(call, "flag bits", left);
	return translated;
}

uint32_t flags_to_sun(const char *call, const struct flag *table, size_t count, uint32_t value)
{
	uint32_t translated = 0;
	uint32_t left = value;
	for (size_t i = 0; i < count; i++)
		if (table[i].linux_ != 0 && (value & table[i].linux_) == table[i].linux_) {
			translated |= table[i].sun;
			left &= ~table[i].linux_;
		}
	if (left != 0)
		unknown(call, "flag bits from Linux", left);
	return translated;
}

bool number_to_linux(const struct number *table, size_t count, int value, int *linux_value)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].sun == value) {
			*linux_value = table[i].linux_;
			return true;
		}
	return false;
}

bool number_to_sun(const struct number *table, size_t count, int value, int *sun_value)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].linux_ == value) {
			*sun_value = table[i].sun;
			return true;
		}
	return false;
}
