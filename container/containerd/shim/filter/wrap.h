#include <stddef.h>
#include <stdint.h>

// The numbers that stand for a call in a record, all 64 bits wide: what it was
// and how many follow, then its arguments.
enum { CALL_INIT = 1, CALL_ARCH, CALL_ATTR, CALL_RULE };

void filter_record(int fd);
void filter_follow(const uint64_t *calls, size_t count, const void *program, size_t size);
