// What DPDK and the BPF libraries say, kept for error messages. DPDK writes its log to a FILE*, which only C can
// make (fopencookie); libbpf and libxdp hand a va_list to a callback, which only C can format.
//
// The last LINE_COUNT lines stand in a ring; each has a sequence number, and readers keep their own position, so
// that one reader does not take another's lines. Any thread may write and read; a mutex guards the ring.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_log.h>

#define LINE_COUNT 512
#define LINE_BYTES 400

struct line {
	int level; // RTE_LOG_EMERG (1) .. RTE_LOG_DEBUG (8)
	int length;
	char text[LINE_BYTES];
};

static struct line ring[LINE_COUNT];
static uint64_t next_sequence; // of the line that is being written; all smaller ones are complete
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// Appends text to the ring; the mutex is held. Over-long lines are cut, empty ones left out.
static void append(const char *text, size_t length, int level)
{
	for (size_t i = 0; i < length; i++) {
		struct line *line = &ring[next_sequence % LINE_COUNT];
		if (text[i] != '\n') {
			if (line->length < LINE_BYTES)
				line->text[line->length++] = text[i];
			line->level = level;
		} else if (line->length > 0) {
			next_sequence++;
			ring[next_sequence % LINE_COUNT].length = 0;
		}
	}
}

static ssize_t write_dpdk(void *cookie, const char *text, size_t length)
{
	(void)cookie;
	pthread_mutex_lock(&mutex);
	append(text, length, rte_log_cur_msg_loglevel());
	pthread_mutex_unlock(&mutex);
	return length;
}

// libbpf and libxdp number their levels alike: 0 warning, 1 info, 2 debug.
static int print_bpf(int level, const char *format, va_list arguments)
{
	char text[LINE_BYTES];
	if (level > 1)
		return 0;
	int length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	if (length < 0)
		return 0;
	if (length > (int)sizeof(text) - 2)
		length = sizeof(text) - 2;
	if (length == 0 || text[length - 1] != '\n')
		text[length++] = '\n';
	pthread_mutex_lock(&mutex);
	append(text, length, level == 0 ? RTE_LOG_WARNING : RTE_LOG_INFO);
	pthread_mutex_unlock(&mutex);
	return length;
}

// Reason: fopencookie takes C callbacks. Called before rte_eal_init, so that its complaints are kept too.
int l4lb_log_open(void)
{
	static FILE *stream;
	cookie_io_functions_t functions = {.write = write_dpdk};
	if (stream == NULL)
		stream = fopencookie(NULL, "w", functions);
	if (stream == NULL)
		return -1;
	setvbuf(stream, NULL, _IOLBF, BUFSIZ);
	return rte_openlog_stream(stream);
}

static void capture(const char *library, const char *set_print)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	if (handle == NULL)
		return;
	union {
		void *symbol;
		void *(*call)(int (*)(int, const char *, va_list));
	} set = {.symbol = dlsym(handle, set_print)};
	if (set.symbol != NULL)
		set.call(print_bpf);
	dlclose(handle);
}

// Reason: the callback gets a va_list. Called after rte_eal_init, which loads these libraries with its drivers.
void l4lb_log_capture_bpf(void)
{
	capture("libbpf.so.1", "libbpf_set_print");
	capture("libbpf.so.0", "libbpf_set_print");
	capture("libxdp.so.1", "libxdp_set_print");
}

// Reason: reads the ring above. {returns the sequence number that the next line will get}
uint64_t l4lb_log_position(void)
{
	pthread_mutex_lock(&mutex);
	uint64_t position = next_sequence;
	pthread_mutex_unlock(&mutex);
	return position;
}

// Reason: reads the ring above. Copies one line, its level as a digit first; returns the bytes copied, 0 when the
// line has been overwritten, -1 when it has not been written yet.
int l4lb_log_line(uint64_t sequence, char *text, int capacity)
{
	int length = -1;
	pthread_mutex_lock(&mutex);
	if (sequence < next_sequence) {
		const struct line *line = &ring[sequence % LINE_COUNT];
		length = 0;
		if (next_sequence - sequence < LINE_COUNT && capacity > line->length) {
			text[0] = '0' + line->level;
			memcpy(text + 1, line->text, line->length);
			length = line->length + 1;
		}
	}
	pthread_mutex_unlock(&mutex);
	return length;
}
