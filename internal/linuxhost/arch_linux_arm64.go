package linuxhost

// nativeArch is AUDIT_ARCH_AARCH64: what a system call filter knows this
// architecture by.
const nativeArch = 0xc00000b7
