/*
 * Functions that Go's runtime/cgo and os/user call and headers before 2021 don't declare.
 * Without prototypes they are compatible with the declarations of later headers.
 */
#ifndef __ASSEMBLER__
int pthread_getattr_np();
int getgrouplist();
#endif
