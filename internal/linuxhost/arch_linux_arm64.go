package linuxhost

// nativeArch is AUDIT_ARCH_AARCH64, the number of this architecture in a system call
// filter.
const nativeArch = 0xc00000b7
