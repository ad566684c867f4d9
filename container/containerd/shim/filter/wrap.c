//go:build cgo && seccomp

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrap.h"

// At most one filter of a process is recorded or followed: the first.
static enum { OFF, RECORD, FOLLOW } mode;
static scmp_filter_ctx filter; // the one, once it is made

// RECORD: what was called, all with success, and where it goes.
static uint64_t *recorded;
static size_t recorded_count;
static int record_fd;

// FOLLOW: what is expected, how much of it has come, and from where on rules
// were kept back.
static const uint64_t *expected;
static size_t expected_count, come, kept;
static const void *known_program;
static size_t known_size;

#define HEAD(kind, count) ((uint64_t)(kind) << 32 | (count))
#define RULE_WORDS 2
#define CONDITION_WORDS 4
#define CONDITIONS 6 // a system call has no more arguments

void filter_record(int fd) {
	mode = RECORD;
	record_fd = fd;
}

void filter_follow(const uint64_t *calls, size_t count, const void *program, size_t size) {
	expected = calls;
	expected_count = count;
	known_program = program;
	known_size = size;
	mode = FOLLOW;
}

static int write_all(int fd, const void *from, size_t size) {
	while (size > 0) {
		ssize_t n = write(fd, from, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		from = (const char *)from + n;
		size -= n;
	}
	return 0;
}

// note writes down a call that libseccomp has done.
static void note(const uint64_t *words, size_t count) {
	uint64_t *more = realloc(recorded, (recorded_count + count) * sizeof *words);
	if (more == NULL) {
		mode = OFF; // no record is better than half of one
		return;
	}
	memcpy(more + recorded_count, words, count * sizeof *words);
	recorded = more;
	recorded_count += count;
}

// same says whether a call is the one that is expected next.
static int same(const uint64_t *words, size_t count) {
	if (count > expected_count - come || memcmp(expected + come, words, count * sizeof *words) != 0)
		return 0;
	come += count;
	return 1;
}

int __real_seccomp_rule_add_array(scmp_filter_ctx, uint32_t, int, unsigned int, const struct scmp_arg_cmp *);

// make_up does what was kept back, and follows no more.
static int make_up(void) {
	if (mode != FOLLOW)
		return 0;
	mode = OFF;
	for (size_t at = kept; kept != 0 && at < come; at += 1 + (uint32_t)expected[at]) {
		const uint64_t *w = expected + at + 1;
		unsigned int count = ((uint32_t)expected[at] - RULE_WORDS) / CONDITION_WORDS;
		struct scmp_arg_cmp conditions[CONDITIONS];
		for (unsigned int i = 0; i < count; i++) {
			const uint64_t *c = w + RULE_WORDS + i * CONDITION_WORDS;
			conditions[i] = (struct scmp_arg_cmp){c[0], c[1], c[2], c[3]};
		}
		int rc = __real_seccomp_rule_add_array(filter, w[0], (int)w[1], count, count > 0 ? conditions : NULL);
		if (rc != 0)
			return rc;
	}
	return 0;
}

// settle tells of a call that libseccomp has done at once with success, if rc
// says so. Nothing may have been kept back before it.
static int settle(int rc, const uint64_t *words, size_t count) {
	if (mode == RECORD) {
		if (rc == 0)
			note(words, count);
		else
			mode = OFF;
	} else if (mode == FOLLOW && (rc != 0 || !same(words, count))) {
		mode = OFF;
	}
	return rc;
}

scmp_filter_ctx __real_seccomp_init(uint32_t);
scmp_filter_ctx __wrap_seccomp_init(uint32_t action) {
	if (filter != NULL && make_up() != 0)
		return NULL;
	scmp_filter_ctx made = __real_seccomp_init(action);
	if (filter != NULL) {
		mode = OFF;
		return made;
	}
	filter = made;
	uint64_t words[] = {HEAD(CALL_INIT, 1), action};
	settle(made == NULL ? -ENOMEM : 0, words, 2);
	return made;
}

void __real_seccomp_release(scmp_filter_ctx);
void __wrap_seccomp_release(scmp_filter_ctx ctx) {
	if (ctx == filter)
		mode = OFF;
	__real_seccomp_release(ctx);
}

int __real_seccomp_arch_add(scmp_filter_ctx, uint32_t);
int __wrap_seccomp_arch_add(scmp_filter_ctx ctx, uint32_t token) {
	if (kept != 0) {
		int rc = make_up();
		if (rc != 0)
			return rc;
	}
	int rc = __real_seccomp_arch_add(ctx, token);
	uint64_t words[] = {HEAD(CALL_ARCH, 2), token, rc == -EEXIST}; // there already: no failure
	settle(rc == -EEXIST ? 0 : rc, words, 3);
	return rc;
}

int __real_seccomp_attr_set(scmp_filter_ctx, enum scmp_filter_attr, uint32_t);
int __wrap_seccomp_attr_set(scmp_filter_ctx ctx, enum scmp_filter_attr attr, uint32_t value) {
	if (kept != 0) {
		int rc = make_up();
		if (rc != 0)
			return rc;
	}
	int rc = __real_seccomp_attr_set(ctx, attr, value);
	uint64_t words[] = {HEAD(CALL_ATTR, 2), attr, value};
	return settle(rc, words, 3);
}

int __wrap_seccomp_rule_add_array(scmp_filter_ctx ctx, uint32_t action, int call, unsigned int count, const struct scmp_arg_cmp *conditions) {
	uint64_t words[1 + RULE_WORDS + CONDITIONS * CONDITION_WORDS];
	size_t used = 1 + RULE_WORDS;
	if (mode != OFF && count <= CONDITIONS && ctx == filter) {
		words[1] = action;
		words[2] = (uint64_t)(int64_t)call;
		for (unsigned int i = 0; i < count; i++) {
			words[used++] = conditions[i].arg;
			words[used++] = conditions[i].op;
			words[used++] = conditions[i].datum_a;
			words[used++] = conditions[i].datum_b;
		}
		words[0] = HEAD(CALL_RULE, used - 1);
		size_t before = come;
		if (mode == FOLLOW && same(words, used)) {
			if (kept == 0)
				kept = before; // not 0: seccomp_init came before
			return 0;
		}
	} else {
		used = 0;
	}
	int rc = make_up();
	if (rc != 0)
		return rc;
	rc = __real_seccomp_rule_add_array(ctx, action, call, count, conditions);
	if (mode == RECORD) {
		if (rc == 0 && used > 0)
			note(words, used);
		else
			mode = OFF;
	}
	return rc;
}

int __real_seccomp_export_bpf(const scmp_filter_ctx, int);
int __wrap_seccomp_export_bpf(const scmp_filter_ctx ctx, int fd) {
	if (mode == FOLLOW && ctx == filter && kept != 0 && come == expected_count)
		return write_all(fd, known_program, known_size);
	int rc = make_up();
	if (rc != 0)
		return rc;
	if (mode == RECORD && ctx == filter) {
		uint64_t count = recorded_count;
		if (write_all(record_fd, &count, sizeof count) == 0 &&
		    write_all(record_fd, recorded, recorded_count * sizeof *recorded) == 0)
			__real_seccomp_export_bpf(ctx, record_fd); // without a program the record is refused
		mode = OFF;
	}
	return __real_seccomp_export_bpf(ctx, fd);
}

// Whatever else changes or reads a filter finds it as it would have been.
#define WHOLE(name, parameters, arguments)       \
	int __real_##name parameters;            \
	int __wrap_##name parameters {           \
		int rc = make_up();              \
		mode = OFF;                      \
		return rc != 0 ? rc : __real_##name arguments; \
	}

WHOLE(seccomp_rule_add_exact_array,
      (scmp_filter_ctx ctx, uint32_t action, int call, unsigned int count, const struct scmp_arg_cmp *conditions),
      (ctx, action, call, count, conditions))
WHOLE(seccomp_arch_remove, (scmp_filter_ctx ctx, uint32_t token), (ctx, token))
WHOLE(seccomp_merge, (scmp_filter_ctx to, scmp_filter_ctx from), (to, from))
WHOLE(seccomp_reset, (scmp_filter_ctx ctx, uint32_t action), (ctx, action))
WHOLE(seccomp_syscall_priority, (scmp_filter_ctx ctx, int call, uint8_t priority), (ctx, call, priority))
WHOLE(seccomp_load, (const scmp_filter_ctx ctx), (ctx))
WHOLE(seccomp_export_pfc, (const scmp_filter_ctx ctx, int fd), (ctx, fd))
