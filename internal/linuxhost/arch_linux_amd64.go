package linuxhost

// nativeArch is AUDIT_ARCH_X86_64, the number of this architecture in a system call
// filter.
const nativeArch = 0xc000003e
