package errno

// The error numbers, named and numbered as <sys/errno.h> has them.
const (
	EPERM           Errno = 1
	ENOENT          Errno = 2
	ESRCH           Errno = 3
	EINTR           Errno = 4
	EIO             Errno = 5
	ENXIO           Errno = 6
	E2BIG           Errno = 7
	ENOEXEC         Errno = 8
	EBADF           Errno = 9
	ECHILD          Errno = 10
	EAGAIN          Errno = 11
	EWOULDBLOCK     Errno = 11
	ENOMEM          Errno = 12
	EACCES          Errno = 13
	EFAULT          Errno = 14
	ENOTBLK         Errno = 15
	EBUSY           Errno = 16
	EEXIST          Errno = 17
	EXDEV           Errno = 18
	ENODEV          Errno = 19
	ENOTDIR         Errno = 20
	EISDIR          Errno = 21
	EINVAL          Errno = 22
	ENFILE          Errno = 23
	EMFILE          Errno = 24
	ENOTTY          Errno = 25
	ETXTBSY         Errno = 26
	EFBIG           Errno = 27
	ENOSPC          Errno = 28
	ESPIPE          Errno = 29
	EROFS           Errno = 30
	EMLINK          Errno = 31
	EPIPE           Errno = 32
	EDOM            Errno = 33
	ERANGE          Errno = 34
	ENOMSG          Errno = 35
	EIDRM           Errno = 36
	ECHRNG          Errno = 37
	EL2NSYNC        Errno = 38
	EL3HLT          Errno = 39
	EL3RST          Errno = 40
	ELNRNG          Errno = 41
	EUNATCH         Errno = 42
	ENOCSI          Errno = 43
	EL2HLT          Errno = 44
	EDEADLK         Errno = 45
	ENOLCK          Errno = 46
	ECANCELED       Errno = 47
	ENOTSUP         Errno = 48
	EDQUOT          Errno = 49
	EBADE           Errno = 50
	EBADR           Errno = 51
	EXFULL          Errno = 52
	ENOANO          Errno = 53
	EBADRQC         Errno = 54
	EBADSLT         Errno = 55
	EDEADLOCK       Errno = 56
	EBFONT          Errno = 57
	EOWNERDEAD      Errno = 58
	ENOTRECOVERABLE Errno = 59
	ENOSTR          Errno = 60
	ENODATA         Errno = 61
	ETIME           Errno = 62
	ENOSR           Errno = 63
	ENONET          Errno = 64
	ENOPKG          Errno = 65
	EREMOTE         Errno = 66
	ENOLINK         Errno = 67
	EADV            Errno = 68
	ESRMNT          Errno = 69
	ECOMM           Errno = 70
	EPROTO          Errno = 71
	ELOCKUNMAPPED   Errno = 72
	ENOTACTIVE      Errno = 73
	EMULTIHOP       Errno = 74
	EBADMSG         Errno = 77
	ENAMETOOLONG    Errno = 78
	EOVERFLOW       Errno = 79
	ENOTUNIQ        Errno = 80
	EBADFD          Errno = 81
	EREMCHG         Errno = 82
	ELIBACC         Errno = 83
	ELIBBAD         Errno = 84
	ELIBSCN         Errno = 85
	ELIBMAX         Errno = 86
	ELIBEXEC        Errno = 87
	EILSEQ          Errno = 88
	ENOSYS          Errno = 89
	ELOOP           Errno = 90
	ERESTART        Errno = 91
	ESTRPIPE        Errno = 92
	ENOTEMPTY       Errno = 93
	EUSERS          Errno = 94
	ENOTSOCK        Errno = 95
	EDESTADDRREQ    Errno = 96
	EMSGSIZE        Errno = 97
	EPROTOTYPE      Errno = 98
	ENOPROTOOPT     Errno = 99
	EPROTONOSUPPORT Errno = 120
	ESOCKTNOSUPPORT Errno = 121
	EOPNOTSUPP      Errno = 122
	EPFNOSUPPORT    Errno = 123
	EAFNOSUPPORT    Errno = 124
	EADDRINUSE      Errno = 125
	EADDRNOTAVAIL   Errno = 126
	ENETDOWN        Errno = 127
	ENETUNREACH     Errno = 128
	ENETRESET       Errno = 129
	ECONNABORTED    Errno = 130
	ECONNRESET      Errno = 131
	ENOBUFS         Errno = 132
	EISCONN         Errno = 133
	ENOTCONN        Errno = 134
	ESHUTDOWN       Errno = 143
	ETOOMANYREFS    Errno = 144
	ETIMEDOUT       Errno = 145
	ECONNREFUSED    Errno = 146
	EHOSTDOWN       Errno = 147
	EHOSTUNREACH    Errno = 148
	EALREADY        Errno = 149
	EINPROGRESS     Errno = 150
	ESTALE          Errno = 151
)

// table holds name and text by number. An alias (EWOULDBLOCK) has no row of its own.
var table = [...]entry{
	EPERM:           {"EPERM", "Not owner"},
	ENOENT:          {"ENOENT", "No such file or directory"},
	ESRCH:           {"ESRCH", "No such process"},
	EINTR:           {"EINTR", "Interrupted system call"},
	EIO:             {"EIO", "I/O error"},
	ENXIO:           {"ENXIO", "No such device or address"},
	E2BIG:           {"E2BIG", "Arg list too long"},
	ENOEXEC:         {"ENOEXEC", "Exec format error"},
	EBADF:           {"EBADF", "Bad file number"},
	ECHILD:          {"ECHILD", "No child processes"},
	EAGAIN:          {"EAGAIN", "Resource temporarily unavailable"},
	ENOMEM:          {"ENOMEM", "Not enough space"},
	EACCES:          {"EACCES", "Permission denied"},
	EFAULT:          {"EFAULT", "Bad address"},
	ENOTBLK:         {"ENOTBLK", "Block device required"},
	EBUSY:           {"EBUSY", "Device busy"},
	EEXIST:          {"EEXIST", "File exists"},
	EXDEV:           {"EXDEV", "Cross-device link"},
	ENODEV:          {"ENODEV", "No such device"},
	ENOTDIR:         {"ENOTDIR", "Not a directory"},
	EISDIR:          {"EISDIR", "Is a directory"},
	EINVAL:          {"EINVAL", "Invalid argument"},
	ENFILE:          {"ENFILE", "File table overflow"},
	EMFILE:          {"EMFILE", "Too many open files"},
	ENOTTY:          {"ENOTTY", "Inappropriate ioctl for device"},
	ETXTBSY:         {"ETXTBSY", "Text file busy"},
	EFBIG:           {"EFBIG", "File too large"},
	ENOSPC:          {"ENOSPC", "No space left on device"},
	ESPIPE:          {"ESPIPE", "Illegal seek"},
	EROFS:           {"EROFS", "Read-only file system"},
	EMLINK:          {"EMLINK", "Too many links"},
	EPIPE:           {"EPIPE", "Broken pipe"},
	EDOM:            {"EDOM", "Argument out of domain"},
	ERANGE:          {"ERANGE", "Result too large"},
	ENOMSG:          {"ENOMSG", "No message of desired type"},
	EIDRM:           {"EIDRM", "Identifier removed"},
	ECHRNG:          {"ECHRNG", "Channel number out of range"},
	EL2NSYNC:        {"EL2NSYNC", "Level 2 not synchronized"},
	EL3HLT:          {"EL3HLT", "Level 3 halted"},
	EL3RST:          {"EL3RST", "Level 3 reset"},
	ELNRNG:          {"ELNRNG", "Link number out of range"},
	EUNATCH:         {"EUNATCH", "Protocol driver not attached"},
	ENOCSI:          {"ENOCSI", "No CSI structure available"},
	EL2HLT:          {"EL2HLT", "Level 2 halted"},
	EDEADLK:         {"EDEADLK", "Deadlock situation detected/avoided"},
	ENOLCK:          {"ENOLCK", "No record locks available"},
	ECANCELED:       {"ECANCELED", "Operation canceled"},
	ENOTSUP:         {"ENOTSUP", "Operation not supported"},
	EDQUOT:          {"EDQUOT", "Disc quota exceeded"},
	EBADE:           {"EBADE", "Bad exchange descriptor"},
	EBADR:           {"EBADR", "Bad request descriptor"},
	EXFULL:          {"EXFULL", "Message tables full"},
	ENOANO:          {"ENOANO", "Anode table overflow"},
	EBADRQC:         {"EBADRQC", "Bad request code"},
	EBADSLT:         {"EBADSLT", "Invalid slot"},
	EDEADLOCK:       {"EDEADLOCK", "File locking deadlock"},
	EBFONT:          {"EBFONT", "Bad font file format"},
	EOWNERDEAD:      {"EOWNERDEAD", "Owner of the lock died"},
	ENOTRECOVERABLE: {"ENOTRECOVERABLE", "Lock is not recoverable"},
	ENOSTR:          {"ENOSTR", "Not a stream device"},
	ENODATA:         {"ENODATA", "No data available"},
	ETIME:           {"ETIME", "Timer expired"},
	ENOSR:           {"ENOSR", "Out of stream resources"},
	ENONET:          {"ENONET", "Machine is not on the network"},
	ENOPKG:          {"ENOPKG", "Package not installed"},
	EREMOTE:         {"EREMOTE", "Object is remote"},
	ENOLINK:         {"ENOLINK", "Link has been severed"},
	EADV:            {"EADV", "Advertise error"},
	ESRMNT:          {"ESRMNT", "Srmount error"},
	ECOMM:           {"ECOMM", "Communication error on send"},
	EPROTO:          {"EPROTO", "Protocol error"},
	ELOCKUNMAPPED:   {"ELOCKUNMAPPED", "Locked lock was unmapped"},
	ENOTACTIVE:      {"ENOTACTIVE", "Facility is not active"},
	EMULTIHOP:       {"EMULTIHOP", "Multihop attempted"},
	EBADMSG:         {"EBADMSG", "Not a data message"},
	ENAMETOOLONG:    {"ENAMETOOLONG", "File name too long"},
	EOVERFLOW:       {"EOVERFLOW", "Value too large for defined data type"},
	ENOTUNIQ:        {"ENOTUNIQ", "Name not unique on network"},
	EBADFD:          {"EBADFD", "File descriptor in bad state"},
	EREMCHG:         {"EREMCHG", "Remote address changed"},
	ELIBACC:         {"ELIBACC", "Can not access a needed shared library"},
	ELIBBAD:         {"ELIBBAD", "Accessing a corrupted shared library"},
	ELIBSCN:         {"ELIBSCN", ".lib section in a.out corrupted"},
	ELIBMAX:         {"ELIBMAX", "Attempting to link in more shared libraries than system limit"},
	ELIBEXEC:        {"ELIBEXEC", "Can not exec a shared library directly"},
	EILSEQ:          {"EILSEQ", "Illegal byte sequence"},
	ENOSYS:          {"ENOSYS", "Operation not applicable"},
	ELOOP:           {"ELOOP", "Number of symbolic links encountered during path name traversal exceeds MAXSYMLINKS"},
	ERESTART:        {"ERESTART", "Error 91"},
	ESTRPIPE:        {"ESTRPIPE", "Error 92"},
	ENOTEMPTY:       {"ENOTEMPTY", "Directory not empty"},
	EUSERS:          {"EUSERS", "Too many users"},
	ENOTSOCK:        {"ENOTSOCK", "Socket operation on non-socket"},
	EDESTADDRREQ:    {"EDESTADDRREQ", "Destination address required"},
	EMSGSIZE:        {"EMSGSIZE", "Message too long"},
	EPROTOTYPE:      {"EPROTOTYPE", "Protocol wrong type for socket"},
	ENOPROTOOPT:     {"ENOPROTOOPT", "Option not supported by protocol"},
	EPROTONOSUPPORT: {"EPROTONOSUPPORT", "Protocol not supported"},
	ESOCKTNOSUPPORT: {"ESOCKTNOSUPPORT", "Socket type not supported"},
	EOPNOTSUPP:      {"EOPNOTSUPP", "Operation not supported on transport endpoint"},
	EPFNOSUPPORT:    {"EPFNOSUPPORT", "Protocol family not supported"},
	EAFNOSUPPORT:    {"EAFNOSUPPORT", "Address family not supported by protocol family"},
	EADDRINUSE:      {"EADDRINUSE", "Address already in use"},
	EADDRNOTAVAIL:   {"EADDRNOTAVAIL", "Cannot assign requested address"},
	ENETDOWN:        {"ENETDOWN", "Network is down"},
	ENETUNREACH:     {"ENETUNREACH", "Network is unreachable"},
	ENETRESET:       {"ENETRESET", "Network dropped connection because of reset"},
	ECONNABORTED:    {"ECONNABORTED", "Software caused connection abort"},
	ECONNRESET:      {"ECONNRESET", "Connection reset by peer"},
	ENOBUFS:         {"ENOBUFS", "No buffer space available"},
	EISCONN:         {"EISCONN", "Transport endpoint is already connected"},
	ENOTCONN:        {"ENOTCONN", "Transport endpoint is not connected"},
	ESHUTDOWN:       {"ESHUTDOWN", "Cannot send after socket shutdown"},
	ETOOMANYREFS:    {"ETOOMANYREFS", "Too many references: cannot splice"},
	ETIMEDOUT:       {"ETIMEDOUT", "Connection timed out"},
	ECONNREFUSED:    {"ECONNREFUSED", "Connection refused"},
	EHOSTDOWN:       {"EHOSTDOWN", "Host is down"},
	EHOSTUNREACH:    {"EHOSTUNREACH", "No route to host"},
	EALREADY:        {"EALREADY", "Operation already in progress"},
	EINPROGRESS:     {"EINPROGRESS", "Operation now in progress"},
	ESTALE:          {"ESTALE", "Stale NFS file handle"},
}
