/*
 * What Go's own runtime/cgo and os/user call and trees of headers before 2021 don't
 * declare. Without prototypes these agree with those of later trees.
 */
#ifndef __ASSEMBLER__
int pthread_getattr_np();
int getgrouplist();
#endif
