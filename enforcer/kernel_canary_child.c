/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_canary_child.c - does once each what the hooks are there to see.
 *
 * Each action comes to nothing, is undone, or is refused by the kernel behind its hook. An action's hooks are told
 * only where its result shows that the kernel has come as far as the hook.
 */
#include <arpa/inet.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kernel_canary.h"

#define BIT(hook) (1ULL << PC_HOOK_##hook)

/* The hooks of an action that has come that far. */
static __u64 if_so(bool has_come, __u64 hooks)
{
	return has_come ? hooks : 0;
}

/* ---- Sockets. ---- */

static __u64 do_connect(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	__u64 done;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	done = if_so(fd >= 0 && sendto(fd, "", 0, 0, (struct sockaddr *)&address, sizeof(address)) == 0, BIT(SEND));
	done |= if_so(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, BIT(CONNECT));
	(void)close(fd);
	return done;
}

/* To a socket of its own, by the abstract name that the kernel gives it. */
static __u64 do_connect_unix(int type, __u64 hook)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address.sun_family);
	int peer = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (bind(peer, (struct sockaddr *)&address, length) < 0)
		return 0;
	length = sizeof(address);
	if (getsockname(peer, (struct sockaddr *)&address, &length) < 0)
		return 0;
	(void)listen(peer, 1);
	return if_so(connect(fd, (struct sockaddr *)&address, length) == 0, hook);
}

/* A descriptor of / from itself. */
static __u64 do_receive(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	char sent = 0, got;
	struct iovec byte = { .iov_base = &sent, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), pair[2];

	if (root < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 0;
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &root, sizeof(root));
	if (sendmsg(pair[0], &message, 0) != 1)
		return 0;
	byte.iov_base = &got;
	return if_so(recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC) == 1, BIT(RECEIVE) | BIT(OPEN));
}

/* ---- Memory and programs. ---- */

static __u64 do_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int before = personality(READ_IMPLIES_EXEC);
	__u64 done = if_so(before >= 0 && sbrk(65536) != (void *)-1, BIT(HEAP));

	(void)personality((unsigned long)before);
	return done | if_so(code != MAP_FAILED, BIT(MAP)) |
	       if_so(data != MAP_FAILED && mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0, BIT(PROTECT));
}

#define EXECVE_CHECK 0x10000

/* An empty file is no program: that shows behind the hook. A check doesn't look so far. */
static __u64 do_exec(void)
{
	char name[] = "portcullisd";
	char *const arguments[] = { name, NULL };
	char *const environment[] = { NULL };
	int fd = memfd_create(name, MFD_CLOEXEC);
	__u64 done;

	if (fd < 0)
		return 0;
	(void)fchmod(fd, 0700);
	done = if_so(syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH | EXECVE_CHECK) == 0, BIT(CHECK));
	return done | if_so(syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH) < 0 && errno == ENOEXEC, BIT(EXEC));
}

/* A process that it makes, and that ends at once. */
static __u64 do_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return if_so(child > 0 && waitpid(child, NULL, 0) == child, BIT(FORK) | BIT(NEW_TASK));
}

/* A program as small as the kernel takes one: all that it does is to end with CANARY_PROGRAM_RAN. */
#ifdef __x86_64__
static const unsigned char code[] = {
	0xb8, 0xe7, 0x00, 0x00, 0x00,		    /* mov eax, exit_group */
	0xbf, CANARY_PROGRAM_RAN, 0x00, 0x00, 0x00, /* mov edi, … */
	0x0f, 0x05,				    /* syscall */
};
#define CODE_MACHINE EM_X86_64
#elif defined(__aarch64__)
static const unsigned char code[] = {
	0xc8, 0x0b, 0x80, 0xd2,				    /* mov x8, exit_group */
	0x00 | (CANARY_PROGRAM_RAN << 5 & 0xff), CANARY_PROGRAM_RAN >> 3, 0x80, 0xd2, /* mov x0, … */
	0x01, 0x00, 0x00, 0xd4,				    /* svc 0 */
};
#define CODE_MACHINE EM_AARCH64
#else
static const unsigned char code[1];
#define CODE_MACHINE EM_NONE
#endif

struct program {
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	unsigned char code[sizeof(code)];
};

/* Whoever asked to be traced, as the child below does, stops at its next program: this one is another's. */
void canary_program(int go, int tell)
{
	struct program program = {
		.head = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = CODE_MACHINE, .e_version = EV_CURRENT,
			.e_entry = 0x400000 + offsetof(struct program, code), .e_phoff = offsetof(struct program, segment),
			.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_filesz = sizeof(program),
			.p_memsz = sizeof(program), .p_align = 0x1000,
		},
	};
	char name[] = "portcullisd";
	char *const arguments[] = { name, NULL };
	char *const environment[] = { NULL };
	int fd = memfd_create(name, MFD_CLOEXEC);
	char byte;

	(void)tell;
	memcpy(program.code, code, sizeof(code));
	if (read(go, &byte, 1) != 1 || fd < 0 || write(fd, &program, sizeof(program)) != sizeof(program))
		return;
	(void)syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH);
}

/* ---- Names, in a folder of its own. ---- */

/* An ACL that says what the mode says: u::rw- g::r-- o::r--, version 2. */
static const unsigned char acl[] = {
	2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 4, 0, 4, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255,
};

static __u64 do_attributes(int fd)
{
	unsigned int flags;
	__u64 done = if_so(fchmod(fd, 0600) == 0, BIT(SETATTR));

	done |= if_so(fsetxattr(fd, "user.portcullis", "", 0, 0) == 0 || errno == EOPNOTSUPP, BIT(SETXATTR));
	done |= if_so(fremovexattr(fd, "user.portcullis") == 0 || errno == EOPNOTSUPP, BIT(REMOVEXATTR));
	done |= if_so(fsetxattr(fd, "system.posix_acl_access", acl, sizeof(acl), 0) == 0, BIT(SET_ACL));
	done |= if_so(fremovexattr(fd, "system.posix_acl_access") == 0, BIT(REMOVE_ACL));
	done |= if_so(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0, BIT(FILE_SETATTR));
	return done;
}

static __u64 do_names(int dir)
{
	int fd = openat(dir, "a", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	__u64 done = 0;

	if (fd >= 0)
		done = BIT(CREATE) | BIT(INSTANTIATE) | do_attributes(fd);
	done |= if_so(mkdirat(dir, "d", 0700) == 0, BIT(MKDIR));
	done |= if_so(mknodat(dir, "n", S_IFIFO | 0600, 0) == 0, BIT(MKNOD));
	done |= if_so(symlinkat("a", dir, "s") == 0, BIT(SYMLINK));
	done |= if_so(linkat(dir, "a", dir, "l", 0) == 0, BIT(LINK));
	done |= if_so(renameat(dir, "a", dir, "b") == 0, BIT(RENAME) | BIT(MOVE_BEGIN) | BIT(MOVE_END));
	done |= if_so(unlinkat(dir, "b", 0) == 0, BIT(UNLINK));
	done |= if_so(unlinkat(dir, "d", AT_REMOVEDIR) == 0, BIT(RMDIR));
	for (const char *const *name = (const char *const[]){ "n", "s", "l", NULL }; *name; name++)
		(void)unlinkat(dir, *name, 0);
	(void)close(fd);
	return done;
}

static __u64 do_in_folder(void)
{
	char path[3][sizeof("/dev/shm/portcullis-XXXXXX")] = { "/run/portcullis-XXXXXX", "/dev/shm/portcullis-XXXXXX",
							       "/tmp/portcullis-XXXXXX" };
	__u64 done;
	int dir;

	for (int i = 0; i < 3; i++) {
		if (!mkdtemp(path[i]))
			continue;
		dir = open(path[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		done = dir < 0 ? 0 : do_names(dir);
		(void)rmdir(path[i]);
		return done;
	}
	return 0;
}

/* ---- [system]. ---- */

/*
 * A mount cannot be moved nowhere or into itself, nor the root expire. Where it can the child is in namespaces of its own, with all
 * rights to mount, which the daemon has given up: there the root may be locked, but not what is mounted now.
 */
static __u64 do_mounts(void)
{
	static const char file[] = "/dev/null";
	bool is_own = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
	__u64 done = if_so(is_own, BIT(USERNS)) | if_so(mount(NULL, "/", NULL, MS_MOVE, NULL) < 0 && errno == EINVAL, BIT(MOUNT));

	if (is_own)
		done |= if_so(mount(file, file, NULL, MS_BIND, NULL) == 0 && umount2(file, 0) == 0, BIT(UMOUNT));
	else
		done |= if_so(umount2("/", MNT_EXPIRE) < 0 && errno == EINVAL, BIT(UMOUNT));
	done |= if_so(syscall(SYS_move_mount, AT_FDCWD, "/", AT_FDCWD, "/", 0) < 0 && (errno == EINVAL || errno == ELOOP),
		      BIT(MOVE_MOUNT));
	done |= if_so(syscall(SYS_pivot_root, "/", "/") < 0 && errno == EBUSY, BIT(PIVOT));
	return done;
}

/* With more segments than there may be. A module or a kernel in a file would leave its complaint in the kernel's log. */
static __u64 do_kexec(void)
{
	return if_so(syscall(SYS_kexec_load, 0, 1000, NULL, 0) < 0 && errno == EINVAL, BIT(LOAD_DATA));
}

static __u64 do_ptrace(void)
{
	static char here;
	char there;
	struct iovec local = { .iov_base = &there, .iov_len = 1 }, remote = { .iov_base = &here, .iov_len = 1 };

	return if_so(process_vm_readv(getppid(), &local, 1, &remote, 1, 0) == 1, BIT(PTRACE)) |
	       if_so(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0, BIT(TRACEME));
}

/* By a socket of its own that can be read, it sends itself a signal that does nothing. */
static __u64 do_signal(void)
{
	struct rlimit limit;
	int pair[2];
	__u64 done = if_so(kill(getppid(), 0) == 0, BIT(KILL));

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return done;
	if (fcntl(pair[0], F_SETOWN, getpid()) == 0 && fcntl(pair[0], F_SETSIG, SIGCHLD) == 0 && fcntl(pair[0], F_SETFL, O_ASYNC) == 0)
		done |= if_so(write(pair[1], "", 1) == 1, BIT(FILE_SIGNAL));
	return done | if_so(getrlimit(RLIMIT_CORE, &limit) == 0 && setrlimit(RLIMIT_CORE, &limit) == 0, BIT(LIMIT));
}

/* A program would be told in the audit log each time. */
static __u64 do_map(void)
{
	union bpf_attr attribute = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	return if_so(syscall(SYS_bpf, BPF_MAP_CREATE, &attribute, sizeof(attribute)) >= 0, BIT(MAP_OPEN));
}

static __u64 do_system(void)
{
	char attribute[128] = {};
	/* A command that there is not. */
	__u64 done = if_so(syscall(SYS_bpf, 1 << 20, attribute, sizeof(attribute)) < 0 && errno == EINVAL, BIT(BPF));

	done |= do_map() | do_kexec() | do_signal() | do_ptrace();
	/* Last: it changes what the child has rights to. */
	return done | do_mounts();
}

void canary_child(int go, int tell)
{
	__u64 done;
	char byte;

	/* It holds all that the daemon does: the BPF links would keep a policy in force that nobody looks after. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &byte, 1) != 1)
		_exit(1);
	/* First: the end of a child stops one who is traced. */
	done = do_fork();
	done |= do_receive() | do_connect() | do_connect_unix(SOCK_STREAM, BIT(UNIX_CONNECT)) |
	       do_connect_unix(SOCK_DGRAM, BIT(UNIX_SEND)) | do_code() | do_in_folder() | do_system();
	done |= do_exec();
	(void)!write(tell, &done, sizeof(done));
	_exit(0);
}
